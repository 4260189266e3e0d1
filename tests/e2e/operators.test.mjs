// What operators ask works on every node: here always on the one that does not run the stream.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { startPostgres } from '../chaos/postgres.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';
import { eventually } from './support/eventually.mjs';

let postgres;
let receiver;
const nodes = new Map();
before(async () => {
  [postgres, receiver] = await Promise.all([startPostgres(), startReceiver()]);
  for (const name of ['a', 'b']) {
    const args = ['--database-url', `postgresql://headwater@127.0.0.1:${postgres.port}/postgres`, '--node', name, '--webhook-allow', '127.0.0.0/8'];
    nodes.set(name, await startHeadwater({ args }));
  }
});
after(async () => {
  for (const node of nodes.values()) await node.stop().catch(() => {});
  await receiver?.stop();
  await postgres?.stop();
});

/// A registered webhook stream with the node that runs it, and requests to the other one.
async function register(type, options) {
  const definition = { source: 'webhook', uri: `${receiver.url}${type}`, ...options };
  const answer = await putJson(`${nodes.get('a').url}/api/events/register`, { type, streams: [definition] });
  assert.equal(answer.status, 201, answer.text);
  const [stream] = answer.body.streams;
  const owner = await eventually(async () => {
    const { node } = (await getJson(`${nodes.get('a').url}/api/streams/${stream.id}`)).body;
    assert.ok(nodes.has(node), `run by ${node}`);
    return node;
  });
  const other = nodes.get(owner === 'a' ? 'b' : 'a').url;
  const at = `${other}/api/streams/${stream.id}`;
  return {
    ...stream, owner,
    get: async (path = '') => (await getJson(at + path)).body,
    post: (path, body = '') => postJson(at + path, body),
    send: async (payload) => (await postJson(`${other}/api/events/send`, { type, payload })).body.id,
    deliveryOf: async (event) => (await getJson(`${other}/api/events/${event}`)).body.streams[0],
    received: () => receiver.requests.filter((r) => r.url === `/${type}`),
  };
}

test('the stored standing is shown, and which node has the attempts', async () => {
  const stream = await register('away:show', {});
  const id = await stream.send(1);
  await eventually(async () => {
    const read = await stream.get();
    assert.equal(read.node, stream.owner);
    assert.equal(read.state, 'running');
    assert.ok(BigInt(read.cursor) >= BigInt(id), read.cursor);
    assert.deepEqual(read.lag, { events: 0, seconds: 0 });
  });
  assert.equal((await stream.deliveryOf(id)).state, 'delivered');
  const { attempts, node, elsewhere } = await stream.get('/attempts');
  assert.deepEqual([attempts, node, elsewhere], [[], stream.owner, true]);
});

test('tests, pauses and new secrets', async () => {
  const stream = await register('away:change', {});
  assert.equal((await stream.post('/test')).body.delivered, true);
  assert.equal((await stream.post('/pause')).body.state, 'paused');
  await eventually(async () => assert.equal((await stream.get()).state, 'paused'));
  const id = await stream.send(1);
  const rotated = (await stream.post('/rotate-secret')).body;
  assert.equal((await stream.post('/resume')).body.state, 'running');
  const received = await eventually(() => {
    const found = stream.received().find((r) => r.headers['webhook-id'] === id);
    assert.ok(found);
    return found;
  });
  for (const secret of [stream.secret, rotated.secret]) new Webhook(secret).verify(received.body, received.headers);
});

test('dead events and replays', async () => {
  const stream = await register('away:dead', { retries: ['1s'] });
  receiver.answerWith(500);
  const id = await stream.send(1);
  await eventually(async () => assert.deepEqual((await stream.get('/dead')).events.map((e) => e.id), [id]));
  assert.equal((await stream.deliveryOf(id)).state, 'dead');
  receiver.answerWith(200);
  assert.equal((await stream.post(`/dead/${id}/retry`)).body.retried, 1);
  await eventually(async () => assert.equal((await stream.deliveryOf(id)).state, 'delivered'));
  const replay = (await stream.post('/replays', { from: id })).body;
  await eventually(async () => assert.equal((await stream.get(`/replays/${replay.id}`)).state, 'done'));
  assert.equal(stream.received().at(-1).headers['headwater-replay'], replay.id);
});

test('the event that a strict stream cannot get past', async () => {
  const stream = await register('away:strict', { order: 'strict', retries: ['1h'] });
  receiver.answerWith((r) => (JSON.parse(r.body).payload === 'bad' ? 500 : 200));
  const bad = await stream.send('bad');
  const behind = await stream.send('behind');
  await eventually(async () => assert.equal((await stream.get()).state, 'retrying'));
  await eventually(async () => assert.equal((await stream.deliveryOf(bad)).state, 'retrying'));
  assert.equal((await stream.post('/skip')).body.skipped, bad);
  await eventually(async () => assert.equal((await stream.deliveryOf(behind)).state, 'delivered'));
  assert.equal((await stream.deliveryOf(bad)).state, 'dead');
});
