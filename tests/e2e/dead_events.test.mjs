// Events that a destination refuses: their rows, their death, and what an operator can do for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';
import { closeAll, openSocket } from './support/live.mjs';
import { eventually } from './support/eventually.mjs';

let server;
before(async () => { server = await startHeadwater({ args: ['--node', 'alone'] }); });
after(async () => {
  closeAll();
  await server?.stop();
});

const api = (path) => `${server.url}/api${path}`;
const post = (path, body = '') => postJson(api(path), body);
const get = async (path) => (await getJson(api(path))).body;
const send = async (type, payload) => (await post('/events/send', { type, payload })).body.id;
const ids = (page) => page.events.map((event) => event.id);

/// A type with one webhook stream that tries everything twice.
async function register(type, receiver, options = {}) {
  const stream = { source: 'webhook', uri: receiver.url, retries: ['1s'], ...options };
  const answer = await putJson(api('/events/register'), { type, streams: [stream] });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.streams[0];
}
const untilDead = (stream, count) => eventually(async () => {
  const page = await get(`/streams/${stream.id}/dead`);
  assert.equal(page.events.length, count);
  return page;
});
const deliveryOf = async (event, stream) => (await get(`/events/${event}`)).streams.find((s) => s.id === stream.id);

test('an event that is refused for good is shown dead, with why, and comes back when it is asked for', async () => {
  const receiver = await startReceiver();
  receiver.answerWith({ status: 500, body: 'out of order' });
  const stream = await register('dead:one', receiver, { retries: ['4s'] });
  const id = await send('dead:one', { n: 1 });
  await eventually(async () => {
    const delivery = await deliveryOf(id, stream);
    assert.equal(delivery.state, 'retrying', JSON.stringify(delivery));
    assert.equal(delivery.attempts, 1);
    assert.ok(Date.parse(delivery.next_attempt_at) > 0);
  });
  const page = await untilDead(stream, 1);
  const [dead] = page.events;
  assert.equal(dead.id, id);
  assert.deepEqual(dead.payload, { n: 1 });
  assert.equal(dead.attempts, 2);
  assert.equal(dead.last_error, 'The webhook answered HTTP 500.');
  assert.equal(dead.last_status, 500);
  assert.ok(Math.abs(Date.parse(dead.died_at) - Date.now()) < 30_000);
  assert.equal((await deliveryOf(id, stream)).state, 'dead');
  await eventually(async () => {
    const { dead: count, state, set_aside: setAside, lag } = await get(`/streams/${stream.id}`);
    assert.deepEqual([count, state, setAside, lag.events], [1, 'running', 0, 0]);
  });

  receiver.answerWith(200);
  const retry = await post(`/streams/${stream.id}/dead/${id}/retry`);
  assert.deepEqual(retry.body, { acknowledge: true, retried: 1 });
  await eventually(async () => assert.equal((await deliveryOf(id, stream)).state, 'delivered'));
  await untilDead(stream, 0);
  assert.equal((await post(`/streams/${stream.id}/dead/${id}/retry`)).status, 404);
  assert.equal(receiver.requests.length, 3);
  assert.equal(new Set(receiver.requests.map((r) => r.headers['webhook-id'])).size, 1);
  await receiver.stop();
});

test('dead events are listed newest first in pages, forgotten singly and retried all at once', async () => {
  const receiver = await startReceiver();
  receiver.answerWith(500);
  const stream = await register('dead:many', receiver);
  const sent = [];
  for (let i = 0; i < 4; ++i) sent.push(await send('dead:many', i));  // ten failures would let the destination rest
  const newestFirst = [...sent].reverse();
  assert.deepEqual(ids(await untilDead(stream, 4)), newestFirst);
  const first = await get(`/streams/${stream.id}/dead?limit=2`);
  assert.deepEqual(ids(first), newestFirst.slice(0, 2));
  const next = first.links.find((link) => link.rel === 'next').href;
  assert.deepEqual(ids((await getJson(next)).body), newestFirst.slice(2, 4));

  assert.equal((await request(api(`/streams/${stream.id}/dead/${sent[2]}`), { method: 'DELETE' })).status, 204);
  const deleted = await deliveryOf(sent[2], stream);
  assert.deepEqual([deleted.state, deleted.attempts], ['dead', 2]);
  receiver.answerWith(200);
  assert.deepEqual((await post(`/streams/${stream.id}/dead/retry`)).body, { acknowledge: true, retried: 3 });
  await untilDead(stream, 0);
  const kept = sent.filter((id) => id !== sent[2]);
  await eventually(() => {
    const last = new Set(receiver.requests.slice(8).map((r) => r.headers['webhook-id']));
    assert.deepEqual([...last].sort(), [...kept].sort());
  });
  await receiver.stop();
});

test('a strict stream waits at the event that fails, until it is skipped', async () => {
  const receiver = await startReceiver();
  receiver.answerWith((request) => (JSON.parse(request.body).payload === 'bad' ? 500 : 200));
  const stream = await register('dead:strict', receiver, { order: 'strict', retries: ['1s', '1h'] });
  await send('dead:strict', 'good');
  const bad = await send('dead:strict', 'bad');
  const behind = await send('dead:strict', 'behind');
  await eventually(async () => assert.equal((await get(`/streams/${stream.id}`)).state, 'retrying'));
  await eventually(async () => assert.equal((await deliveryOf(bad, stream)).attempts, 2));
  assert.equal((await deliveryOf(behind, stream)).state, 'pending');
  const skipped = await post(`/streams/${stream.id}/skip`);
  assert.equal(skipped.status, 200, skipped.text);
  assert.equal(skipped.body.skipped, bad);
  await eventually(async () => assert.equal((await deliveryOf(behind, stream)).state, 'delivered'));
  assert.deepEqual(ids(await untilDead(stream, 1)), [bad]);
  assert.equal((await post(`/streams/${stream.id}/skip`)).status, 409, 'it is running again');
  await receiver.stop();
});

test('the last attempts tell what the destination answered', async () => {
  const receiver = await startReceiver();
  receiver.answerWith({ status: 503, body: 'later' });
  const stream = await register('dead:attempts', receiver);
  const id = await send('dead:attempts', 1);
  await untilDead(stream, 1);
  const { attempts, node } = await get(`/streams/${stream.id}/attempts`);
  assert.equal(node, 'alone');
  assert.deepEqual(attempts.map((a) => [a.event, a.attempt, a.result, a.status, a.response]), [
    [id, 2, 'failed', 503, 'later'],
    [id, 1, 'failed', 503, 'later'],
  ]);
  for (const attempt of attempts) assert.ok(attempt.duration_seconds > 0);
  await receiver.stop();
});

test('a test event says what the destination made of it, and leaves no trace in the log', async () => {
  const receiver = await startReceiver();
  const stream = await register('dead:test', receiver);
  const good = await post(`/streams/${stream.id}/test`);
  assert.equal(good.status, 200, good.text);
  assert.equal(good.body.delivered, true);
  assert.equal(good.body.status, 200);
  assert.equal(JSON.parse(receiver.requests[0].body).type, 'headwater:test');
  receiver.answerWith({ status: 418, body: 'teapot' });
  const bad = (await post(`/streams/${stream.id}/test`)).body;
  assert.deepEqual([bad.delivered, bad.result, bad.status, bad.response], [false, 'failed', 418, 'teapot']);
  await receiver.stop();
  const gone = (await post(`/streams/${stream.id}/test`)).body;
  assert.equal(gone.delivered, false);
  assert.equal(gone.reason, 'The webhook\'s host does not take connections.');
  assert.equal((await get(`/streams/${stream.id}/attempts`)).attempts.length, 0);
  assert.equal((await get(`/streams/${stream.id}`)).state, 'running');
});

test('each change of a stream\'s state is an event, in the feed and live', async () => {
  const live = await openSocket(server.url, 'types=headwater:stream-state');
  const receiver = await startReceiver();
  const stream = await register('dead:states', receiver);
  receiver.answerWith(410);
  await send('dead:states', 1);
  await eventually(async () => assert.equal((await get(`/streams/${stream.id}`)).state, 'paused'));
  receiver.answerWith(200);
  assert.equal((await post(`/streams/${stream.id}/resume`)).body.state, 'running');
  const own = (events) => events.filter((event) => event.payload.stream.id === stream.id);
  await eventually(() => {
    const changes = own(live.events).map(({ payload }) => [payload.from, payload.to]);
    assert.deepEqual(changes, [['running', 'paused'], ['paused', 'running']], JSON.stringify(live.events));
  });
  const [paused] = own(live.events);
  assert.match(paused.payload.reason, /410/);
  assert.equal(paused.payload.node, 'alone');
  const feed = await get('/events/feed/hour/current?types=headwater:stream-state&order=asc');
  assert.deepEqual(own(feed.events).map((event) => event.id), own(live.events).map((event) => event.id));
  await receiver.stop();
});
