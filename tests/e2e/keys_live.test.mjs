// Keys and live connections, on two nodes over one database: what comes, what does not, and the end with the key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { databaseOf } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { closeAll, openEventSource, openSocket, untilEvents } from './support/live.mjs';
import { bearer, createKey, placeOf, runKeys } from './support/keys.mjs';

let nodes = [];
let admin;
before(async () => {
  const first = await startHeadwater();
  nodes = [first, await startHeadwater({ args: ['--database-url', databaseOf(first)] })];
  const uninvited = await openSocket(first.url);
  admin = await createKey(first, 'admin', '--scope', 'admin');
  await eventually(() => assert.equal(uninvited.closed?.code, 1008), 5_000);
  for (const type of ['a:one', 'b:one']) await everywhere(() => putJson(`${first.url}/api/events/register`, { type }, bearer(admin)));
});
after(async () => {
  closeAll();
  for (const node of nodes.reverse()) await node.stop();
});

/// Until all nodes know the keys that were made so far.
const everywhere = (ask) => eventually(async () => assert.ok((await ask()).status < 400));
async function make(name, ...args) {
  const key = await createKey(nodes[0], name, ...args);
  for (const node of nodes) await everywhere(() => getJson(`${node.url}/api/events`, bearer(key)));
  return key;
}
const send = (type, payload) => postJson(`${nodes[0].url}/api/events/send`, { type, payload }, bearer(admin));

test('a socket gets what its key may read, however it asks', async () => {
  const key = await make('reader', '--scope', 'read', '--types', 'a:*');
  await send('a:one', 'old');
  await send('b:one', 'old');
  const source = await openEventSource(`${nodes[1].url}/api/events/?types=a:*,b:*&since=beginning&access_token=${key}`);
  const socket = await openSocket(nodes[0].url, `types=**&since=beginning&access_token=${key}`);
  socket.socket.send('{"subscribe":["b:*","b:one"]}');
  await eventually(() => assert.ok(socket.cursors.length > 0));
  await send('b:one', 'new');
  await send('a:one', 'new');
  for (const live of [source, socket]) {
    await untilEvents(live, 2);
    assert.deepEqual(live.events.map(({ type, payload }) => [type, payload]), [['a:one', 'old'], ['a:one', 'new']]);
  }
});

test('without a key an event stream is refused', async () => {
  const answer = await getJson(`${nodes[0].url}/api/events/stream`, { accept: 'text/event-stream' });
  assert.equal(answer.status, 401);
});

/// A socket that came without a key: all that it was sent, and its end.
async function openUnknown(query = '') {
  const socket = new WebSocket(`${nodes[1].url.replace('http', 'ws')}/api/events/?${query}`);
  const seen = { socket, messages: [], closed: undefined };
  socket.on('message', (data) => seen.messages.push(JSON.parse(data.toString())));
  socket.on('close', (code) => { seen.closed = code; });
  socket.on('error', () => {});
  await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('close', reject); });
  return seen;
}

test('a socket may show its key in its first message, and resumes', async () => {
  const key = await make('late', '--scope', 'read', '--types', 'b:*');
  const live = await openUnknown('since=beginning');
  await send('b:one', 'while nothing is shown');
  assert.deepEqual(live.messages, []);
  live.socket.send(JSON.stringify({ token: key }));
  await eventually(() => assert.ok(live.messages.some((message) => message.payload === 'while nothing is shown')));
  assert.equal(live.messages[0].recovered, true);
  assert.ok(live.messages.slice(1).every((message) => message.type === undefined || message.type === 'b:one'));
  live.socket.terminate();
});

test('a wrong first message ends the socket, and so does none', async () => {
  const silent = await openUnknown();
  const sender = await createKey(nodes[0], 'sender', '--scope', 'send');
  for (const message of [`{"token":"${sender}"}`, '{"token":"hw_wrong"}', '{"subscribe":["a:*"]}', 'x']) {
    const live = await openUnknown();
    live.socket.send(message);
    await eventually(() => assert.equal(live.closed, 1008, message));
    assert.deepEqual(live.messages, []);
  }
  await eventually(() => assert.equal(silent.closed, 1008), 15_000);
  assert.deepEqual(silent.messages, []);
});

test('revoking a key ends its connections on every node within 5 s', async () => {
  const key = await make('leaked', '--scope', 'read');
  const { body } = await postJson(`${nodes[1].url}/sessions`, { key });
  const sockets = [];
  for (const node of nodes) {
    sockets.push(await openSocket(node.url, `access_token=${key}`));
    sockets.push(await openSocket(node.url, `access_token=${body.token}`));
  }
  const source = await openEventSource(`${nodes[1].url}/api/events/?access_token=${key}`);
  const kept = await openSocket(nodes[1].url, `access_token=${admin}`);
  assert.equal((await runKeys(['revoke', 'leaked', ...placeOf(nodes[0])])).code, 0);
  await eventually(() => {
    for (const socket of sockets) assert.equal(socket.closed?.code, 1008);
    assert.ok(source.failures.length > 0);
  }, 5_000);
  assert.equal(kept.closed, undefined);
});

test('a feed that waits ends with its key, on another node too', async () => {
  const key = await make('waiting', '--scope', 'read', '--types', 'a:*');
  const page = await getJson(`${nodes[1].url}/api/events/feed/hour/current`, bearer(key));
  const newest = page.body.events[0].id;
  const waits = getJson(`${nodes[1].url}/api/events/feed/hour/current?order=asc&wait=30&after=${newest}`, bearer(key));
  const first = await Promise.race([waits, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
  assert.equal(first, 'waits');
  assert.equal((await runKeys(['revoke', 'waiting', ...placeOf(nodes[0])])).code, 0);
  await send('a:one', 'after the end');
  const answer = await waits;
  assert.equal(answer.status, 401, JSON.stringify(answer.body));
  assert.equal(answer.body.events, undefined);
});

test('a rotated key has another secret; the old one stays good for its grace', async () => {
  const old = await make('rotating', '--scope', 'read');
  const live = await openSocket(nodes[1].url, `access_token=${old}`);
  const { code, out } = await runKeys(['rotate', 'rotating', '--grace', '1hour', ...placeOf(nodes[0])]);
  assert.equal(code, 0);
  for (const key of [out.trim(), old]) await everywhere(() => getJson(`${nodes[1].url}/api/events`, bearer(key)));
  assert.equal(live.closed, undefined);
  assert.equal((await runKeys(['rotate', 'rotating', ...placeOf(nodes[0])])).code, 0);
  await eventually(() => assert.equal(live.closed?.code, 1008), 5_000);
});
