// The Idempotency-Key of a whole request: all of it or nothing, and one answer for good.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, putJson, postJson, request } from './support/http.mjs';

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

const register = (type, more = {}) => putJson(`${server.url}/api/events/register`, { type, ...more });
const send = (body, key) => postJson(`${server.url}/api/events/send`, body, { 'idempotency-key': key });
const stored = async (type) =>
  (await getJson(`${server.url}/api/events/feed/day/current?order=asc&types=${type}`)).body.events.map((e) => e.payload);
const item = (type, payload, more = {}) => ({ type, payload, ...more });

/// A first answer, as its repeat must be.
function asRepeat(first) {
  if (!first.body.results) return { ...first.body, duplicate: true };
  const results = first.body.results.map((r) => (r.id ? { ...r, status: 200, duplicate: true } : r));
  return { duplicate: true, results };
}

async function checkConflict(body, key) {
  const answer = await send(body, key);
  assert.equal(answer.status, 422, answer.text);
  assert.equal(answer.body.type, '/problems/idempotency-conflict');
}

test('another request under a used key stores nothing, whether it has more items, fewer or as many', async () => {
  await register('key:conflict');
  const first = await send([item('key:conflict', 1), item('key:conflict', 2)], 'conflict');
  assert.equal(first.status, 200);
  assert.equal(first.body.duplicate, undefined);
  await checkConflict([1, 2, 3, 4].map((n) => item('key:conflict', n)), 'conflict');
  await checkConflict([item('key:conflict', 1)], 'conflict');
  await checkConflict([item('key:conflict', 1), item('key:conflict', 3)], 'conflict');
  await checkConflict([item('key:conflict', 1), item('key:conflict', 2, { subject: 's' })], 'conflict');
  await checkConflict(item('key:conflict', 1), 'conflict');
  await checkConflict([item('key:conflict', 1), { nonsense: true }, item('key:conflict', 2)], 'conflict');
  assert.deepEqual(await stored('key:conflict'), [1, 2]);
});

test('a repeat gets the first answer, however its JSON is written', async () => {
  await register('key:repeat');
  const one = await send('{"type":"key:repeat","payload":{"a": 1}}', 'one');
  assert.equal(one.status, 201);
  const again = await send('{ "payload" : {"a": 1}, "type":"key:repeat" }', 'one');
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, asRepeat(one));
  await checkConflict('{"type":"key:repeat","payload":{"a":1}}', 'one');
  const batch = [item('key:repeat', 1), item('key:repeat', 2)];
  const two = await send(batch, 'two');
  const repeat = await send(batch, 'two');
  assert.equal(repeat.status, 200);
  assert.deepEqual(repeat.body, asRepeat(two));
  assert.equal((await stored('key:repeat')).length, 3);
});

test('what was refused the first time stays refused in the repeat', async () => {
  await register('key:mixed', { schema: { type: 'number' } });
  await send(item('key:mixed', 7, { id: 'seven' }), 'seven');
  const batch = [item('key:mixed', 1), item('key:late', 2), { payload: 3 }, item('room:x', 4), item('key:mixed', 'five'),
    item('key:mixed', 7, { id: 'seven' }), item('key:mixed', 8, { id: 'seven' }), item('key:mixed', 9, { id: 'nine' }),
    item('key:mixed', 9, { id: 'nine' })];
  const first = await send(batch, 'mixed');
  assert.equal(first.status, 207);
  assert.deepEqual(first.body.results.map((r) => r.status), [201, 422, 422, 422, 422, 200, 422, 201, 200]);
  await register('key:late');
  await register('key:mixed', { schema: {} });
  const repeat = await send(batch, 'mixed');
  assert.equal(repeat.status, 207);
  assert.deepEqual(repeat.body, asRepeat(first));
  await request(`${server.url}/api/events/register/key:mixed`, { method: 'DELETE' });
  assert.deepEqual((await send(batch, 'mixed')).body, asRepeat(first), 'nor does it change when the type goes');
  assert.deepEqual(await stored('key:late'), []);
  assert.equal((await stored('key:mixed')).length, 3);
});

test('a request of which nothing was taken may be mended under the same key', async () => {
  assert.equal((await send([item('key:free', 1)], 'free')).status, 422);
  assert.equal((await send(item('key:free', 1), 'free')).status, 422);
  await register('key:free');
  assert.equal((await send([item('key:free', 1), item('key:free', 2)], 'free')).status, 200);
  assert.equal((await send([item('key:free', 1), item('key:free', 2)], 'free')).body.duplicate, true);
});

test('fifty equal requests and fifty others at the same moment: one of them is stored, whole', async () => {
  await register('key:race');
  const bodies = Array.from({ length: 100 }, (_, n) => Array.from({ length: 1 + (n % 2) }, (__, i) => item('key:race', i)));
  const answers = await Promise.all(bodies.map((body) => send(body, 'race')));
  const winners = answers.filter((a) => a.status === 200 && !a.body.duplicate);
  assert.equal(winners.length, 1);
  const count = winners[0].body.results.length;
  assert.equal((await stored('key:race')).length, count);
  for (const [n, answer] of answers.entries()) {
    assert.equal(answer.status, bodies[n].length === count ? 200 : 422);
    if (answer.status === 200) assert.deepEqual(answer.body.results.map((r) => r.id), winners[0].body.results.map((r) => r.id));
  }
});

test('a request as large as may be', async () => {
  await register('key:large');
  const batch = Array.from({ length: 1000 }, (_, n) => item('key:large', `${n}${'x'.repeat(4000)}`));
  const first = await send(batch, 'large');
  assert.equal(first.status, 200);
  assert.deepEqual((await send(batch, 'large')).body, asRepeat(first));
  await checkConflict(batch.slice(0, 999), 'large');
});

test('ephemeral events: a repeat passes nothing on again', async () => {
  await register('key:passing', { ttl: 'ephemeral' });
  await register('key:staying');
  const one = await send(item('key:passing', 1), 'passing');
  assert.equal(one.status, 202);
  const again = await send(item('key:passing', 1), 'passing');
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, asRepeat(one));
  const batch = [item('key:passing', 1), item('key:staying', 2)];
  const two = await send(batch, 'both');
  assert.deepEqual(two.body.results.map((r) => r.status), [202, 201]);
  assert.deepEqual((await send(batch, 'both')).body, asRepeat(two));
  assert.deepEqual(await stored('key:staying'), [2]);
});

test('NDJSON with a line that cannot be read', async () => {
  await register('key:lines');
  const lines = (text) => request(`${server.url}/api/events/send`, {
    method: 'POST', body: text, headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'lines' } });
  const text = '{"type":"key:lines","payload":1}\n{"type":\n{"type":"key:lines","payload":2}\n';
  const first = await lines(text);
  assert.equal(first.status, 207);
  const repeat = await lines(text);
  assert.equal(repeat.status, 207);
  assert.deepEqual(JSON.parse(repeat.text), asRepeat({ body: JSON.parse(first.text) }));
  assert.equal((await lines(`${text}{"type":"key:lines","payload":3}`)).status, 422);
  assert.deepEqual(await stored('key:lines'), [1, 2]);
});
