// The way of an event: register, send, store, feed, acknowledge.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, putJson, postJson, request } from './support/http.mjs';

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

const register = (type, more = {}) => putJson(`${server.url}/api/events/register`, { type, ...more });
const send = (body, headers = {}) => postJson(`${server.url}/api/events/send`, body, headers);
const link = (body, rel) => body.links.find((l) => l.rel === rel)?.href;
const idsOf = (body) => body.events.map((e) => e.id);

test('a type is registered once and found again', async () => {
  const first = await register('shop:order', { ttl: '24days' });
  assert.equal(first.status, 201);
  assert.equal(first.body.acknowledge, true);
  assert.equal(first.body.ttl, '24days');
  const again = await register('shop:order', { ttl: '24days' });
  assert.equal(again.status, 200);
  const read = await getJson(`${server.url}/api/events/register/shop:order`);
  assert.equal(read.status, 200);
  assert.equal(read.body.type, 'shop:order');
  assert.equal(read.headers.get('etag'), again.headers.get('etag'), 'an unchanged definition changes nothing');
  const list = await getJson(`${server.url}/api/events/register`);
  assert.ok(JSON.stringify(list.body).includes('shop:order'));
});

test('reserved prefixes, bad names and bad ttls are refused', async () => {
  for (const type of ['room:x', 'monitor:other', 'headwater:other', 'a::b', 'ä', '', 'x'.repeat(201)]) {
    const answer = await register(type);
    assert.equal(answer.status, 422, type);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  }
  assert.equal((await register('a', { ttl: '5 lightyears' })).status, 422);
  assert.equal((await send({ type: 'room:x', payload: 1 })).status, 422);
});

test('a reserved type that exists takes streams and a ttl, but nothing is sent to it', async () => {
  const type = 'headwater:stream-state';
  const before = await getJson(`${server.url}/api/events/register/${type}`);
  assert.equal(before.body.ttl, '90days', 'it is there from the first start');
  const streams = [{ source: 'webhook', uri: 'http://127.0.0.1:9/states' }];
  const given = await register(type, { streams });
  assert.equal(given.status, 200);
  assert.equal(given.body.streams.length, 1);
  assert.equal(given.body.ttl, '90days');
  assert.equal((await send({ type, payload: 1 })).status, 422);
  assert.equal((await register(type, { streams: [], ttl: '30days' })).status, 200);
});

test('an event is stored and read back byte for byte', async () => {
  await register('bytes:exact');
  const payload = '{"z":1e400,"a":123456789012345678901234567890.10,"n":"\\u0000","dup":1,"dup":2,"e":-0.0,"s":"\\/é"}';
  const sent = await send(`{"type":"bytes:exact","payload":${payload}}`);
  assert.equal(sent.status, 201);
  assert.equal(typeof sent.body.id, 'string');
  assert.equal(sent.headers.get('location'), link(sent.body, 'self'));
  const event = await request(link(sent.body, 'self'));
  assert.equal(event.status, 200);
  assert.ok(event.text.includes(`"payload":${payload}`), event.text);
  const feed = await request(`${server.url}/api/events/feed/hour/current?types=bytes:exact`);
  assert.ok(feed.text.includes(`"payload":${payload}`));
});

test('arrays and NDJSON: one bad item never takes the good ones with it', async () => {
  await register('batch:item');
  const array = await send([{ type: 'batch:item', payload: 1 }, { type: 'no:such', payload: 2 }, { payload: 3 }]);
  assert.equal(array.status, 207);
  assert.deepEqual(array.body.results.map((r) => r.status), [201, 422, 422]);
  assert.equal(array.body.results[1].problem.discarded, true);
  const lines = await request(`${server.url}/api/events/send`, {
    method: 'POST', headers: { 'content-type': 'application/x-ndjson' },
    body: '{"type":"batch:item","payload":1}\n{"type":"batch:item","payload":}\n\r\n{"type":"batch:item","payload":2}\n' });
  assert.equal(lines.status, 207);
  assert.deepEqual(JSON.parse(lines.text).results.map((r) => r.status), [201, 400, 201]);
  const good = await send([{ type: 'batch:item', payload: 1 }, { type: 'batch:item', payload: 2 }]);
  assert.equal(good.status, 200);
  const bad = await send([{ type: 'no:such', payload: 2 }]);
  assert.equal(bad.status, 422);
});

test('an unregistered type is discarded and the sender is told', async () => {
  const answer = await send({ type: 'never:registered', payload: {} });
  assert.equal(answer.status, 422);
  assert.equal(answer.body.discarded, true);
  assert.match(answer.body.type, /unregistered-type$/);
});

test('a payload that does not meet its schema is refused with pointers', async () => {
  await register('schema:checked', { schema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } });
  assert.equal((await send({ type: 'schema:checked', payload: { n: 1 } })).status, 201);
  const refused = await send({ type: 'schema:checked', payload: { n: 'x' } });
  assert.equal(refused.status, 422);
  assert.ok(refused.body.errors.some((e) => e.pointer.endsWith('/n')), JSON.stringify(refused.body));
  assert.equal((await send({ type: 'schema:checked', payload: {} })).status, 422);
});

test('a repeat under the same id or key answers with the first event; another payload conflicts', async () => {
  await register('once:only');
  const first = await send({ type: 'once:only', id: 'order-1', payload: { a: 1 } });
  assert.equal(first.status, 201);
  const repeat = await send({ type: 'once:only', id: 'order-1', payload: { a: 1 } });
  assert.equal(repeat.status, 200);
  assert.equal(repeat.body.id, first.body.id);
  assert.equal(repeat.body.duplicate, true);
  const conflict = await send({ type: 'once:only', id: 'order-1', payload: { a: 2 } });
  assert.equal(conflict.status, 422);
  assert.match(conflict.body.type, /idempotency-conflict$/);
  const key = { 'idempotency-key': 'k-1' };
  const batch = [{ type: 'once:only', payload: 1 }, { type: 'once:only', payload: 2 }];
  const one = await send(batch, key);
  const two = await send(batch, key);
  assert.equal(two.status, 200);
  assert.deepEqual(two.body.results.map((r) => r.id), one.body.results.map((r) => r.id));
  assert.equal((await send([{ type: 'once:only', payload: 3 }], key)).status, 422);
});

test('fifty equal requests at the same moment store one event', async () => {
  await register('race:one');
  const answers = await Promise.all(Array.from({ length: 50 }, () => send({ type: 'race:one', id: 'x', payload: 1 })));
  assert.equal(answers.filter((a) => a.status === 201).length, 1);
  assert.equal(answers.filter((a) => a.status === 200).length, 49);
  assert.equal(new Set(answers.map((a) => a.body.id)).size, 1);
  const feed = await getJson(`${server.url}/api/events/feed/day/current?types=race:one`);
  assert.equal(feed.body.events.length, 1);
});

test('ephemeral events pass through without being stored', async () => {
  await register('gone:soon', { ttl: 'ephemeral' });
  const sent = await send({ type: 'gone:soon', payload: 1 });
  assert.equal(sent.status, 202);
  assert.equal(sent.body.stored, false);
  const feed = await getJson(`${server.url}/api/events/feed/hour/current?types=gone:soon`);
  assert.equal(feed.body.events.length, 0);
});

test('every event is reached by links alone, from the current slice back to the first', async () => {
  await register('walk:me');
  const sent = [];
  for (let i = 0; i < 25; ++i) sent.push((await send({ type: 'walk:me', subject: i % 2 ? 'odd' : 'even', payload: i })).body.id);
  for (const unit of ['minute', 'hour', 'day', 'month']) {
    const seen = [];
    let address = `${server.url}/api/events/feed/${unit}/current?types=walk:me&limit=4`;
    for (let steps = 0; address && steps < 400 && seen.length < sent.length; ++steps) {
      const page = await getJson(address);
      assert.equal(page.status, 200);
      seen.push(...idsOf(page.body));
      address = link(page.body, 'more') ?? link(page.body, 'prev-archive') ?? link(page.body, 'prev');
    }
    assert.deepEqual(seen, [...sent].reverse(), unit);
  }
  const ascending = await getJson(`${server.url}/api/events/feed/day/current?types=walk:me&order=asc&limit=1000`);
  assert.deepEqual(idsOf(ascending.body).slice(-25), sent);
  const odd = await getJson(`${server.url}/api/events/feed/day/current?types=walk:me&subject=odd`);
  assert.equal(odd.body.events.length, 12);
  const between = await getJson(`${server.url}/api/events/feed/day/current?types=walk:*&after=${sent[3]}&before=${sent[7]}`);
  assert.deepEqual(idsOf(between.body), [sent[6], sent[5], sent[4]]);
  const first = await getJson(link(ascending.body, 'self'));
  assert.deepEqual(first.body.events, ascending.body.events, 'self leads to the same page');
});

test('an acknowledged event leaves that client\'s feed only', async () => {
  await register('ack:me');
  const ids = [];
  for (let i = 0; i < 6; ++i) ids.push((await send({ type: 'ack:me', payload: i })).body.id);
  const feedOf = async (client, more = '') =>
    (await getJson(`${server.url}/api/events/feed/day/current/client/${client}?types=ack:me${more}`)).body;
  const feed = await feedOf('12345');
  assert.deepEqual(idsOf(feed), [...ids].reverse());
  const mark = feed.events[0].links.find((l) => l.rel === 'mark-processed').href;
  for (let i = 0; i < 2; ++i) {
    const marked = await request(mark, { method: 'PUT' });
    assert.equal(marked.status, 200);
    assert.deepEqual(JSON.parse(marked.text), { acknowledge: true });
  }
  assert.deepEqual(idsOf(await feedOf('12345')), ids.slice(0, 5).reverse());
  assert.deepEqual(idsOf(await feedOf('other')), [...ids].reverse());
  await putJson(`${server.url}/api/events/ok/12345`, { ids: [ids[0], ids[2]] });
  assert.deepEqual(idsOf(await feedOf('12345')), [ids[4], ids[3], ids[1]]);
  await putJson(`${server.url}/api/events/ok/12345`, { through: ids[3], types: ['ack:*'] });
  assert.deepEqual(idsOf(await feedOf('12345')), [ids[4]]);
  const all = await feedOf('12345', '&processed=include');
  assert.deepEqual(all.events.map((e) => e.processed), [true, false, true, true, true, true]);
  assert.equal((await request(`${server.url}/api/events/${BigInt(ids[5]) + 1000n}/ok/12345`, { method: 'PUT' })).status, 404);
  assert.equal((await request(`${server.url}/api/clients/12345`, { method: 'DELETE' })).status < 300, true);
  assert.deepEqual(idsOf(await feedOf('12345')), [...ids].reverse());
});

test('a time inside a slice redirects to the slice, and from-to feeds show the same events', async () => {
  await register('slice:of');
  const sent = (await send({ type: 'slice:of', payload: 1 })).body;
  const inside = await request(`${server.url}/api/events/feed/hour/${sent.created_at}?types=slice:of`, { redirect: 'manual' });
  assert.equal(inside.status, 308);
  const slice = await getJson(new URL(inside.headers.get('location'), server.url));
  assert.deepEqual(idsOf(slice.body), [sent.id]);
  const from = sent.created_at.slice(0, 10);
  const to = new Date(Date.parse(from) + 86400e3).toISOString();
  const range = await getJson(`${server.url}/api/events/feed/${from}/to/${to}?types=slice:of`);
  assert.deepEqual(idsOf(range.body), [sent.id]);
});

test('a removed type refuses events while what it stored stays', async () => {
  await register('short:lived');
  const sent = (await send({ type: 'short:lived', payload: 1 })).body;
  const removed = await request(`${server.url}/api/events/register/short:lived`, { method: 'DELETE' });
  assert.ok(removed.status < 300);
  assert.equal((await send({ type: 'short:lived', payload: 1 })).status, 422);
  assert.equal((await request(`${server.url}/api/events/${sent.id}`)).status, 200);
});
