// Live events as Debian's python3-websockets sees them: a client that checks every frame against RFC 6455.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './support/child.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson } from './support/http.mjs';

const script = fileURLToPath(new URL('./support/websockets_client.py', import.meta.url));

let server;
before(async () => {
  server = await startHeadwater();
  for (const type of ['py:a', 'py:b']) await putJson(`${server.url}/api/events/register`, { type });
});
after(() => server?.stop());

const send = async (type, payload = 1) => (await postJson(`${server.url}/api/events/send`, { type, payload })).body.id;

/// Runs the client; `lines` grows with what it tells.
function open(query, ...actions) {
  const client = { lines: [], stderr: '' };
  let text = '';
  client.child = launch('/usr/bin/python3', [script, `${server.url.replace('http', 'ws')}/api/events/?${query}`, ...actions], {
    onStdout: (piece) => {
      text += piece;
      client.lines = text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
    },
    onStderr: (piece) => { client.stderr += piece; },
  });
  client.until = (count) => eventually(() => assert.ok(client.lines.length >= count, `${JSON.stringify(client.lines)} ${client.stderr}`));
  client.ended = async () => assert.deepEqual(await client.child.exited, { code: 0, signal: null }, client.stderr);
  return client;
}

test('it gets the cursor, then events of every frame length', async () => {
  const client = open('types=py:a', 'events', '3', 'close', '1000');
  await client.until(1);
  assert.equal(client.lines[0].start.recovered, false);
  const payloads = ['x', 'y'.repeat(1000), 'z'.repeat(100_000)];
  const sent = [];
  for (const payload of payloads) sent.push(await send('py:a', payload));
  await client.ended();
  const events = client.lines.slice(1, 4).map((line) => line.event);
  assert.deepEqual(events.map((event) => event.id), sent);
  assert.deepEqual(events.map((event) => event.payload), payloads);
  assert.deepEqual(client.lines[4], { closed: 1000 });
});

test('fragmented messages, pings and the closing handshake', async () => {
  const client = open('types=py:a', 'subscribe', 'py:b', 'ping', 'events', '1', 'close', '4321');
  await client.until(3);
  assert.ok(client.lines[1].answer.cursor);
  assert.deepEqual(client.lines[2], { pong: true });
  const id = await send('py:b');
  await client.ended();
  assert.equal(client.lines[3].event.id, id);
  assert.deepEqual(client.lines[4], { closed: 4321 });
});

test('it resumes without a gap, and is refused before the upgrade', async () => {
  const sent = [await send('py:a'), await send('py:a'), await send('py:a')];
  const client = open(`types=py:a&since=${sent[0]}`, 'events', '2', 'close', '1001');
  await client.ended();
  assert.deepEqual(client.lines.slice(1, 3).map((line) => line.event.id), sent.slice(1));
  const refused = open('types=py::a');
  await refused.ended();
  assert.deepEqual(refused.lines, [{ refused: 400 }]);
});

test('a stopping server closes it with 1012', async () => {
  const client = open('types=py:a', 'wait');
  await client.until(1);
  assert.equal(await server.stop(), 0);
  await client.ended();
  assert.equal(client.lines[1].closed, 1012);
});
