// headwater streams and headwater monitors: what is stuck, and mending it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headwater, jsonLines, startOnTerminal } from './support/cli.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, putJson } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';

let server;
let receiver;
before(async () => {
  receiver = await startReceiver();
  receiver.answerWith(500);
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`,
    { type: 'str:a', streams: [{ source: 'webhook', uri: receiver.url, name: 'shop', retries: ['1s'] }] });
});
after(async () => {
  await server?.stop();
  await receiver?.stop();
});

const streams = (...args) => headwater(['streams', ...args, '--url', server.url]);
const monitors = (...args) => headwater(['monitors', ...args, '--url', server.url]);
const send = (payload) => headwater(['send', 'str:a', payload, '--url', server.url]);

async function successOf(running) {
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}

test('the table, and one stream', async () => {
  const table = await successOf(streams());
  assert.match(table, /^ *ID +NAME +TYPES +SOURCE +STATE +LAG +OLDEST +DEAD +LAST ERROR\n *\d+ +shop +str:a +webhook +running +0 +- +0 +\n/);
  assert.equal(jsonLines(await successOf(streams('--json')))[0].name, 'shop');
  assert.match(await successOf(streams('show', 'shop')), /^name +shop$/m);
  assert.equal(JSON.parse(await successOf(streams('show', 'shop', '--json'))).name, 'shop');
});

test('a test event that is refused is exit code 1', async () => {
  const { code, stdout } = await streams('test', 'shop');
  assert.equal(code, 1);
  assert.match(stdout, /^not delivered: failed, status 500/);
});

test('dead events are shown and tried again', async () => {
  for (const payload of ['1', '2', '3']) await successOf(send(payload));
  await eventually(async () => assert.match(await successOf(streams('dead', 'shop')), /( *\d+ +str:a .*\n){3}/), 60_000);
  assert.match(await successOf(streams('dead', 'shop')), /^ *EVENT +TYPE +DIED +ATTEMPTS +LAST ERROR\n *\d+ +str:a +\d{4}-/);
  assert.match(await successOf(streams('attempts', 'shop')), /^AT +EVENT +ATTEMPT +RESULT +STATUS +SECONDS +REASON\n.*failed +500/);
  receiver.answerWith(200);
  const [first] = jsonLines(await successOf(streams('dead', 'shop', '--json')));
  assert.match(await successOf(streams('retry', 'shop', first.id)), /^1 dead events/);
  assert.match(await successOf(streams('retry', 'shop', '--all')), /^2 dead events/);
  await eventually(async () => assert.equal(await successOf(streams('dead', 'shop')), 'No event of this stream is dead.\n'));
  assert.equal((await streams('retry', 'shop')).code, 2);
  assert.match(await successOf(streams('test', 'shop')), /^delivered, status 200/);
});

test('a replay shows its progress on a terminal and ends with it', async () => {
  const from = ['--from', '1', '--rate', '5'];
  const shown = await startOnTerminal(['streams', 'replay', 'shop', ...from, '--url', server.url]).exited;
  assert.equal(shown.code, 0, shown.stdout);
  assert.match(shown.stdout, /\rreplay \d+ running: \d of 3/);
  assert.match(shown.stdout, /replay \d+ done: 3 of 3 \(3 delivered, 0 failed, 0 skipped\)/);
  const detached = JSON.parse(await successOf(streams('replay', 'shop', '--from', '1', '--rate', '1', '--detach', '--json')));
  assert.equal(detached.state, 'running');
  await successOf(streams('cancel-replay', 'shop', detached.id));
  const { body } = await getJson(`${server.url}/api/streams/shop/replays/${detached.id}`);
  assert.equal(body.state, 'cancelled');
  assert.equal((await streams('replay', 'shop')).code, 2);
});

test('pause, resume, a new secret, skipping what is healthy', async () => {
  assert.equal(await successOf(streams('pause', 'shop')), 'shop is paused\n');
  await successOf(send('4'));
  await eventually(async () => assert.match(await successOf(streams()), /shop +str:a +webhook +paused +1 /));
  assert.equal(await successOf(streams('resume', 'shop')), 'shop is running\n');
  await eventually(async () => assert.match(await successOf(streams()), /shop +str:a +webhook +running +0 /));
  assert.match(await successOf(streams('rotate-secret', 'shop')), /^whsec_\S+\nIt signs from now on; the old one does too until \d{4}/);
  const skipped = await streams('skip', 'shop');
  assert.equal(skipped.code, 1);
  assert.match(skipped.stderr, /^headwater: /);
});

test('a stream that is not there', async () => {
  const { code, stderr } = await streams('show', 'none');
  assert.equal(code, 1);
  assert.match(stderr, /^headwater: /);
});

test('monitors: made, checked in, failed, paused, deleted', async () => {
  assert.equal(await successOf(monitors()), 'There are no monitors.\n');
  const made = JSON.parse(await successOf(monitors('create', 'nightly backup', '--every', '1day', '--threshold', '1', '--webhook', receiver.url, '--json')));
  assert.match(made.api_key, /^hwm_/);
  assert.match(await successOf(monitors()), /^ *ID +STATUS +LAST CHECK-IN +DUE +EVERY +NAME\n *1 +Unknown +- +- +1day +nightly backup\n/);
  assert.equal((await monitors('check-in', made.id, '--key', 'wrong')).code, 1);
  await successOf(headwater(['monitors', 'check-in', made.id, '--url', server.url], { env: { HEADWATER_KEY: made.api_key } }));
  assert.match(await successOf(monitors('show', made.id)), /^status +Ok$/m);
  await successOf(monitors('fail', made.id, '--key', made.api_key));
  assert.match(await successOf(monitors('flips', made.id)), /Ok +Dead +fail/);
  assert.match(await successOf(monitors('pause', made.id)), /^nightly backup is paused/);
  assert.match(await successOf(monitors()), /Dead \(paused\)/);
  assert.match(await successOf(monitors('resume', made.id)), /^nightly backup goes on/);
  assert.equal(await successOf(monitors('delete', made.id)), 'deleted\n');
  assert.equal((await monitors('show', made.id)).code, 1);
  const { code, stderr } = await monitors('create');
  assert.equal(code, 2);
  assert.match(stderr, /NAME is missing.*\n.*--every is missing/);
});

test('monitors made for people show the curl line', async () => {
  assert.match(await successOf(monitors('create', 'hourly', '--every', '1hour')), /The key is shown this once.*\n {2}curl .*hwm_/);
});
