// headwater send: from arguments, files and pipes, over interruptions of either side.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { headwater, jsonLines, start, startOnTerminal } from './support/cli.mjs';
import { eventually } from './support/eventually.mjs';
import { freePort } from './support/free_port.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, putJson } from './support/http.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

let server;
let folder;
before(async () => {
  folder = makeTempDir();
  server = await startHeadwater();
  for (const type of ['cli:one', 'cli:lines', 'cli:payloads', 'cli:twice', 'cli:slow', 'cli:shown', 'cli:small']) {
    await putJson(`${server.url}/api/events/register`, { type });
  }
});
after(async () => { await server?.stop(); });

const send = (args, options) => headwater(['send', '--url', server.url, ...args], options);

async function eventsOf(type, from = server) {
  const { code, stdout, stderr } = await headwater(['feed', type, '--url', from.url, '--limit', '0', '--oldest-first', '--json']);
  assert.equal(code, 0, stderr);
  return jsonLines(stdout);
}

function write(name, lines) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n').join(''));
  return file;
}

test('one event from the arguments', async () => {
  const { code, stdout } = await send(['cli:one', '{"exact": 1.50, "big": 12345678901234567890}', '--subject', 'a b',
    '--id', 'own-1', '--occurred-at', '2026-02-01T10:00:00Z']);
  assert.equal(code, 0);
  const [, id] = stdout.match(/^(\d+) \d{4}-/);
  const answer = await getJson(`${server.url}/api/events/${id}`);
  assert.ok(answer.text.includes('{"exact": 1.50, "big": 12345678901234567890}'), answer.text);
  assert.deepEqual([answer.body.subject, answer.body.sourceId, answer.body.occurredAt],
    ['a b', 'own-1', '2026-02-01T10:00:00.000000Z']);
  const again = await send(['cli:one', '{"exact": 1.50, "big": 12345678901234567890}', '--subject', 'a b', '--id', 'own-1',
    '--occurred-at', '2026-02-01T10:00:00Z', '--json']);
  assert.equal(again.code, 0);
  assert.deepEqual([JSON.parse(again.stdout).id, JSON.parse(again.stdout).duplicate], [id, true]);
});

test('a payload that is no JSON, and options that make no sense, are named together', async () => {
  const { code, stderr } = await send(['cli:one', 'hello', '--file', '/nowhere', '--batch', '0', '--subjekt', 'x']);
  assert.equal(code, 2);
  for (const part of ['PAYLOAD', '--file: /nowhere cannot be read', "--batch: '0' is not", '--subjekt: there is no such option; did you mean --subject?']) {
    assert.ok(stderr.includes(part), `${part} is not in: ${stderr}`);
  }
});

test('an unregistered type is one sentence and exit code 1', async () => {
  const { code, stdout, stderr } = await send(['cli:unheard', '1']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^headwater: The event type 'cli:unheard' is not registered/);
});

test('nothing to send, on a terminal', async () => {
  const { code, stdout } = await startOnTerminal(['send', '--url', server.url]).exited;
  assert.equal(code, 2);
  assert.match(stdout, /nothing to send/);
});

test('lines from a pipe: refused ones are listed with their number and take no others with them', async () => {
  const refused = path.join(folder, 'refused.ndjson');
  const lines = ['{"type":"cli:lines","payload":1}', '', '{"type":"cli:unheard","payload":2}', '{"type":', '{"type":"cli:lines","payload":3}'];
  const { code, stdout, stderr } = await send(['--rejected', refused], { input: lines.join('\n') });
  assert.equal(code, 1);
  assert.match(stdout, /^2 stored, 2 rejected in /);
  assert.match(stderr, /^line 3: The event type 'cli:unheard' is not registered/m);
  assert.match(stderr, /^line 4: /m);
  assert.deepEqual(fs.readFileSync(refused, 'utf8').split('\n'), [lines[2], lines[3], '']);
  assert.deepEqual((await eventsOf('cli:lines')).map((event) => event.payload), [1, 3]);
});

test('the outcome as JSON', async () => {
  const { code, stdout } = await send(['--json'], { input: '{"type":"cli:lines","payload":4}\n{"type":"cli:unheard","payload":5}\n' });
  assert.equal(code, 1);
  const { stored, rejected, last_line, rejections } = JSON.parse(stdout);
  assert.deepEqual([stored, rejected, last_line, rejections[0].line, rejections[0].status], [1, 1, 2, 2, 422]);
});

test('payloads of one type, a line each', async () => {
  const { code } = await send(['cli:payloads'], { input: '{"n":1}\n[2]\n"three"' });
  assert.equal(code, 0);
  assert.deepEqual((await eventsOf('cli:payloads')).map((event) => event.payload), [{ n: 1 }, [2], 'three']);
});

test('a file that is sent twice is stored once, unless it is to be stored again', async () => {
  const file = write('twice.ndjson', Array.from({ length: 1234 }, (_, n) => ({ type: 'cli:twice', payload: n })));
  assert.match((await send(['--file', file])).stdout, /^1,234 stored in /);
  assert.match((await send(['--file', file])).stdout, /^0 stored, 1,234 stored earlier in /);
  assert.equal((await eventsOf('cli:twice')).length, 1234);
  assert.match((await send(['--file', file, '--again'])).stdout, /^1,234 stored in /);
  assert.equal((await eventsOf('cli:twice')).length, 2468);
});

test('what comes slowly through a pipe is sent without waiting for the end', async () => {
  const running = start(['send', 'cli:slow', '--url', server.url]);
  running.write('1\n');
  await eventually(async () => assert.equal((await eventsOf('cli:slow')).length, 1));
  running.write('2\n');
  await eventually(async () => assert.equal((await eventsOf('cli:slow')).length, 2));
  running.end();
  assert.equal((await running.exited).code, 0);
});

test('progress on a terminal, and none elsewhere', async () => {
  const file = write('shown.ndjson', Array.from({ length: 5000 }, (_, n) => ({ type: 'cli:shown', payload: { n, pad: 'x'.repeat(200) } })));
  const shown = await startOnTerminal(['send', '--url', server.url, '--file', file]).exited;
  assert.equal(shown.code, 0, shown.stdout);
  assert.match(shown.stdout, /\r[\d,]+ events, [\d.]+ .?i?B of [\d.]+ MiB \(\d+ %\), [\d,]+\/s, \d+:\d\d left/);
  assert.match(shown.stdout, /5,000 stored in /);
  assert.equal((await send(['--file', file])).stderr, '');
});

test('requests that are too large for the server are halved', async () => {
  const other = await startHeadwater({ args: ['--max-batch-events', '30'] });
  await putJson(`${other.url}/api/events/register`, { type: 'cli:small' });
  const input = Array.from({ length: 100 }, (_, n) => `${n}\n`).join('');
  const { code, stdout, stderr } = await headwater(['send', 'cli:small', '--url', other.url], { input });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^100 stored/);
  assert.deepEqual((await eventsOf('cli:small', other)).map((event) => event.payload), Array.from({ length: 100 }, (_, n) => n));
  await other.stop();
});

test('no server', async () => {
  const port = await freePort();
  const { code, stderr } = await headwater(['send', 'a', '1', '--url', `http://127.0.0.1:${port}`, '--retry-for', '0s']);
  assert.equal(code, 1);
  assert.match(stderr, /cannot be reached .*; is the server running, or is it another --url\?/);
});

test('a server that is killed in the middle of a file costs and doubles nothing', async () => {
  const port = await freePort();
  const listen = `127.0.0.1:${port}`;
  let victim = await startHeadwater({ listen });
  await putJson(`${victim.url}/api/events/register`, { type: 'cli:killed' });
  const count = 60_000;
  const file = write('killed.ndjson', Array.from({ length: count }, (_, n) => ({ type: 'cli:killed', payload: n })));
  const sending = start(['send', '--file', file, '--url', victim.url, '--batch', '100']);
  for (let kills = 0; kills < 2; ++kills) {
    await eventually(async () => {
      const { body } = await getJson(`${victim.url}/api/events/feed/month/current?limit=1&types=cli:killed`);
      const newest = body.events[0]?.payload ?? -1;
      assert.ok(newest > kills * 15_000 + 500, `${newest}`);
    }, 60_000);
    await victim.kill();
    victim = await startHeadwater({ listen, dataDir: victim.dataDir });
  }
  const { code, stdout, stderr } = await sending.exited;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /trying again: .*(cannot be reached|broke off)/);
  assert.match(stdout, /^[\d,]+ stored(, [\d,]+ stored earlier)? in /);
  const payloads = (await eventsOf('cli:killed', victim)).map((event) => event.payload);
  assert.equal(payloads.length, count);
  assert.ok(payloads.every((payload, n) => payload === n), 'all, once, in order');
  await victim.stop();
});

test('Ctrl-C stops it, and the next run goes on', async () => {
  await putJson(`${server.url}/api/events/register`, { type: 'cli:stopped' });
  const file = write('stopped.ndjson', Array.from({ length: 40_000 }, (_, n) => ({ type: 'cli:stopped', payload: n })));
  const sending = start(['send', '--file', file, '--url', server.url, '--batch', '20']);
  await eventually(async () => {
    const { body } = await getJson(`${server.url}/api/events/feed/month/current?limit=1&types=cli:stopped`);
    assert.ok(body.events.length > 0);
  });
  sending.signal('SIGINT');
  const stopped = await sending.exited;
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /interrupted\nstopped behind line [\d,]+; run it again to go on/);
  const finished = await send(['--file', file, '--batch', '20']);
  assert.match(finished.stdout, /stored earlier/);
  assert.deepEqual((await eventsOf('cli:stopped')).map((event) => event.payload), Array.from({ length: 40_000 }, (_, n) => n));
});
