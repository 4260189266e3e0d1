// A part of the log sent once more, durably; and secrets that are replaced while deliveries go on.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';
import { eventually } from './support/eventually.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

const post = (at, where, body = '') => postJson(`${at.url}/api${where}`, body);
const get = async (at, where) => (await getJson(`${at.url}/api${where}`)).body;
const replayOf = (received) => received.headers['headwater-replay'];

async function register(at, type, receiver, options = {}) {
  const answer = await putJson(`${at.url}/api/events/register`, { type, streams: [{ source: 'webhook', uri: receiver.url, ...options }] });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.streams[0];
}
async function sendMany(at, type, count) {
  const answer = await post(at, '/events/send', Array.from({ length: count }, (_, i) => ({ type, payload: i })));
  assert.equal(answer.status, 200, answer.text);
  return answer.body.results.map((result) => result.id);
}
async function startReplay(at, stream, body) {
  const answer = await post(at, `/streams/${stream.id}/replays`, body);
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.headers.get('location'), `${at.url}/api/streams/${stream.id}/replays/${answer.body.id}`);
  return answer.body;
}
const untilState = (at, stream, replay, state, patience = 30_000) => eventually(async () => {
  const read = await get(at, `/streams/${stream.id}/replays/${replay.id}`);
  assert.equal(read.state, state, JSON.stringify(read));
  return read;
}, patience);
const untilReceived = (receiver, count) => eventually(() => assert.ok(receiver.requests.length >= count, `${receiver.requests.length}`));
const replayed = (receiver, replay) => receiver.requests.filter((r) => replayOf(r) === replay.id).map((r) => r.headers['webhook-id']);

test('a range of events comes once more, under the same ids and the replay\'s name', async () => {
  const receiver = await startReceiver();
  const stream = await register(server, 'replay:range', receiver);
  const sent = await sendMany(server, 'replay:range', 20);
  await untilReceived(receiver, 20);
  assert.ok(receiver.requests.every((r) => replayOf(r) === undefined));
  const replay = await startReplay(server, stream, { from: sent[5], to: sent[9] });
  const done = await untilState(server, stream, replay, 'done');
  assert.deepEqual([done.done, done.total, done.delivered, done.failed, done.skipped], [5, 5, 5, 0, 0]);
  assert.deepEqual(replayed(receiver, replay).sort(), sent.slice(5, 10).sort());
  const list = await get(server, `/streams/${stream.id}/replays`);
  assert.deepEqual(list.replays.map((r) => r.id), [replay.id]);
  await receiver.stop();
});

test('a range of time holds its beginning and not its end', async () => {
  const receiver = await startReceiver();
  const stream = await register(server, 'replay:time', receiver);
  const times = [];
  const sent = [];
  for (let i = 0; i < 4; ++i) {
    const answer = await post(server, '/events/send', { type: 'replay:time', payload: i });
    sent.push(answer.body.id);
    times.push(answer.body.created_at);
  }
  await untilReceived(receiver, 4);
  const replay = await startReplay(server, stream, { from: times[1], to: times[3] });
  await untilState(server, stream, replay, 'done');
  assert.deepEqual(replayed(receiver, replay).sort(), sent.slice(1, 3).sort());
  await receiver.stop();
});

test('the dead events alone are replayed when that is asked for', async () => {
  const receiver = await startReceiver();
  receiver.answerWith((r) => (JSON.parse(r.body).payload % 2 === 1 ? 500 : 200));
  const stream = await register(server, 'replay:dead', receiver, { retries: ['1s'] });
  const sent = await sendMany(server, 'replay:dead', 6);
  const odd = sent.filter((_, i) => i % 2 === 1);
  await eventually(async () => assert.equal((await get(server, `/streams/${stream.id}`)).dead, 3));
  receiver.answerWith(200);
  const replay = await startReplay(server, stream, { only: 'dead' });
  const done = await untilState(server, stream, replay, 'done');
  assert.equal(done.delivered, 3);
  assert.deepEqual(replayed(receiver, replay).sort(), odd.sort());
  await eventually(async () => assert.equal((await get(server, `/streams/${stream.id}`)).dead, 0));
  await receiver.stop();
});

test('a replay keeps to its rate and can be cancelled', async () => {
  const receiver = await startReceiver();
  const stream = await register(server, 'replay:slow', receiver);
  const sent = await sendMany(server, 'replay:slow', 200);
  await untilReceived(receiver, 200);
  const replay = await startReplay(server, stream, { from: sent[0], rate: 10 });
  await eventually(() => assert.ok(replayed(receiver, replay).length >= 5));
  const read = await get(server, `/streams/${stream.id}/replays/${replay.id}`);
  assert.equal(read.state, 'running');
  assert.equal(read.total, 200);
  const cancelled = await request(`${server.url}/api/streams/${stream.id}/replays/${replay.id}`, { method: 'DELETE' });
  assert.equal(JSON.parse(cancelled.text).state, 'cancelled');
  const [fresh] = await sendMany(server, 'replay:slow', 1);
  await eventually(() => assert.ok(receiver.requests.some((r) => r.headers['webhook-id'] === fresh)));
  assert.ok(replayed(receiver, replay).length < 100, 'most of it was not sent');
  await receiver.stop();
});

test('what a replay has to send is counted, up to ten thousand events', async () => {
  const receiver = await startReceiver();
  const type = 'replay:counted';
  assert.equal((await putJson(`${server.url}/api/events/register`, { type, streams: [] })).status, 201);
  const sent = [];
  for (let i = 0; i < 11; ++i) sent.push(...await sendMany(server, type, 1000));
  const registered = await putJson(`${server.url}/api/events/register`, { type, streams: [{ source: 'webhook', uri: receiver.url }] });
  const stream = registered.body.streams[0];
  const few = await startReplay(server, stream, { from: sent[10], to: sent[4009], rate: 1 });
  const many = await startReplay(server, stream, { from: sent[0], rate: 1 });
  await eventually(() => assert.ok(replayed(receiver, many).length > 0 && replayed(receiver, few).length > 0));
  const [counted, beyond] = await Promise.all([few, many].map((r) => get(server, `/streams/${stream.id}/replays/${r.id}`)));
  assert.deepEqual([counted.total, counted.atLeast], [4000, undefined]);
  assert.ok(beyond.total >= 10_000 && beyond.total <= 11_000 && beyond.atLeast === true, JSON.stringify(beyond));
  for (const { id } of [few, many]) await request(`${server.url}/api/streams/${stream.id}/replays/${id}`, { method: 'DELETE' });
  await receiver.stop();
});

test('a replay goes on after kill -9 of the server', async () => {
  const receiver = await startReceiver();
  const dataDir = path.join(makeTempDir(), 'data');
  let own = await startHeadwater({ dataDir });
  const stream = await register(own, 'replay:killed', receiver);
  const sent = await sendMany(own, 'replay:killed', 300);
  await untilReceived(receiver, 300);
  const replay = await startReplay(own, stream, { from: sent[0], to: sent.at(-1), rate: 100 });
  await eventually(() => assert.ok(replayed(receiver, replay).length >= 100));
  await own.kill();
  const before_ = new Set(replayed(receiver, replay)).size;
  assert.ok(before_ < 300, 'it was still on its way');
  own = await startHeadwater({ dataDir });
  const done = await untilState(own, stream, replay, 'done', 60_000);
  assert.deepEqual([...new Set(replayed(receiver, replay))].sort(), [...sent].sort());
  assert.equal(done.delivered, 300);
  const repeats = replayed(receiver, replay).length - 300;
  assert.ok(repeats < 200, `${repeats} came twice: it did not begin anew`);
  await own.stop();
  await receiver.stop();
});

test('a secret that is replaced signs on for a day, beside the new one', async () => {
  const receiver = await startReceiver();
  const stream = await register(server, 'replay:secret', receiver);
  const rotated = await post(server, `/streams/${stream.id}/rotate-secret`);
  assert.equal(rotated.status, 200, rotated.text);
  assert.match(rotated.body.secret, /^whsec_/);
  assert.notEqual(rotated.body.secret, stream.secret);
  assert.ok(Math.abs(Date.parse(rotated.body.old_signs_until) - Date.now() - 86_400_000) < 60_000);
  await eventually(async () => {
    const [id] = await sendMany(server, 'replay:secret', 1);
    await eventually(() => assert.ok(receiver.requests.some((r) => r.headers['webhook-id'] === id)));
    const received = receiver.requests.find((r) => r.headers['webhook-id'] === id);
    assert.equal(received.headers['webhook-signature'].split(' ').length, 2);
    for (const secret of [stream.secret, rotated.body.secret]) new Webhook(secret).verify(received.body, received.headers);
    assert.throws(() => new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(received.body, received.headers));
  });
  const read = JSON.stringify(await get(server, `/streams/${stream.id}`));
  assert.ok(!read.includes('whsec_'), read);
  await receiver.stop();
});
