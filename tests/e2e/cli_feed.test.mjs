// headwater feed: walking the links, as a consumer that acknowledges, and following.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headwater, jsonLines, start } from './support/cli.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson } from './support/http.mjs';

let server;
const count = 2300; // more than two pages
before(async () => {
  server = await startHeadwater();
  for (const type of ['feed:a', 'feed:b']) await putJson(`${server.url}/api/events/register`, { type });
  for (let first = 0; first < count; first += 500) {
    const batch = Array.from({ length: Math.min(500, count - first) }, (_, i) => ({ type: 'feed:a', payload: first + i }));
    assert.equal((await postJson(`${server.url}/api/events/send`, batch)).status, 200);
  }
  await postJson(`${server.url}/api/events/send`, { type: 'feed:b', subject: 's', payload: 'exact 1.50' });
});
after(async () => { await server?.stop(); });

async function payloads(...args) {
  const { code, stdout, stderr } = await headwater(['feed', '--url', server.url, '--json', ...args]);
  assert.equal(code, 0, stderr);
  return jsonLines(stdout).map((event) => event.payload);
}
const upwards = Array.from({ length: count }, (_, n) => n);

test('newest first, as many as asked for', async () => {
  assert.deepEqual(await payloads('feed:a', '--limit', '3'), [count - 1, count - 2, count - 3]);
  assert.deepEqual(await payloads('feed:a', '--limit', '0'), upwards.toReversed?.() ?? [...upwards].reverse());
});

test('by minutes, days and months it is the same log', async () => {
  for (const slice of ['minute', 'day', 'month']) assert.equal((await payloads('feed:a', '--slice', slice, '--limit', '0')).length, count);
});

test('oldest first, from the beginning or between times', async () => {
  assert.deepEqual(await payloads('feed:a', '--oldest-first', '--limit', '0'), upwards);
  assert.deepEqual(await payloads('feed:a', '--from', '2020-01-01T00:00:00Z', '--to', '2021-01-01T00:00:00Z'), []);
  assert.equal((await payloads('feed:a', '--from', '2020-01-01T00:00:00Z', '--limit', '1100')).length, 1100);
});

test('by subject, for people', async () => {
  const { stdout } = await headwater(['feed', '--url', server.url, '--subject', 's']);
  assert.match(stdout, /feed:b s {2}"exact 1\.50"\n$/);
});

test('a consumer sees what it has not marked', async () => {
  assert.deepEqual(await payloads('feed:a', '--client', 'billing', '--ack', '--oldest-first', '--limit', '1500'), upwards.slice(0, 1500));
  assert.deepEqual(await payloads('feed:a', '--client', 'billing', '--ack', '--oldest-first', '--limit', '0'), upwards.slice(1500));
  assert.deepEqual(await payloads('feed:a', '--client', 'billing', '--limit', '0'), []);
  assert.equal((await payloads('feed:a', '--client', 'other', '--limit', '5')).length, 5);
});

test('following begins with the slice and goes on with what comes', async () => {
  const running = start(['feed', 'feed:b', '--follow', '--json', '--limit', '3', '--slice', 'minute', '--from', '2020-01-01T00:00:00Z', '--url', server.url]);
  await running.prints(/exact 1\.50/);
  for (const payload of ['second', 'third']) await postJson(`${server.url}/api/events/send`, { type: 'feed:b', payload });
  const { code, stdout } = await running.exited;
  assert.equal(code, 0);
  assert.deepEqual(jsonLines(stdout).map((event) => event.payload), ['exact 1.50', 'second', 'third']);
});

test('following from now on; Ctrl-C ends it', async () => {
  const running = start(['feed', 'feed:never', '--follow', '--url', server.url]);
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  running.signal('SIGINT');
  assert.equal((await running.exited).code, 0);
});

test('mistakes are named together', async () => {
  const { code, stderr } = await headwater(['feed', '--ack', '--follow', '--to', 'x', '--slice', 'week', '--url', 'ftp://x']);
  assert.equal(code, 2);
  for (const part of ['--ack: whose?', '--follow and --to', "--slice: 'week' is not minute, hour, day or month", '--url: expected an http']) {
    assert.ok(stderr.includes(part), `${part} is not in: ${stderr}`);
  }
});
