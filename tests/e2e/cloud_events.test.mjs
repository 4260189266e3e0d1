// CloudEvents in and out, written and read by the CloudEvents project's own SDK.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import http from 'node:http';
import { CloudEvent, HTTP } from 'cloudevents';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';

const batchType = 'application/cloudevents-batch+json';
let server;
before(async () => {
  server = await startHeadwater();
  for (const type of ['shop.order:placed', 'shop.image:added', 'plain:one']) {
    await putJson(`${server.url}/api/events/register`, { type });
  }
});
after(async () => { await server?.stop(); });

const order = (id, more = {}) => new CloudEvent({
  id, source: 'https://shop.test/orders', type: 'shop.order:placed', subject: 'order/7', time: '2018-02-01T11:12:01.500Z',
  dataschema: 'https://shop.test/schema', traceparent: '00-abc', attempt: 3, urgent: true, data: { total: '12.50' }, ...more,
});
async function post({ headers, body }) {
  const answer = await request(`${server.url}/api/events/send`, { method: 'POST', headers, body });
  return { ...answer, body: answer.text === '' ? undefined : JSON.parse(answer.text) };
}
const read = async (id) => (await getJson(`${server.url}/api/events/${id}`)).body;
/// The day's feed as CloudEvents of the SDK, by their ids.
async function feed(types) {
  const answer = await request(`${server.url}/api/events/feed/day/current?types=${types}`, { headers: { accept: batchType } });
  assert.equal(answer.headers.get('content-type'), batchType);
  const events = HTTP.toEvent({ headers: { 'content-type': batchType }, body: answer.text });
  return new Map(events.map((event) => [event.id, event]));
}

test('a structured event keeps its context, and comes out as it went in', async () => {
  const sent = order('s-1');
  const answer = await post(HTTP.structured(sent));
  assert.equal(answer.status, 201, answer.text);
  const stored = await read(answer.body.id);
  assert.equal(stored.type, 'shop.order:placed');
  assert.equal(stored.subject, 'order/7');
  assert.equal(stored.sourceId, 's-1');
  assert.equal(stored.source, 'https://shop.test/orders');
  assert.equal(stored.occurredAt, '2018-02-01T11:12:01.500000Z');
  assert.deepEqual(stored.attributes,
    { dataschema: 'https://shop.test/schema', traceparent: '00-abc', attempt: 3, urgent: true });
  assert.deepEqual(stored.payload, { total: '12.50' });

  const out = (await feed('shop.order:placed')).get('s-1');
  assert.ok(out.validate());
  for (const name of ['id', 'source', 'type', 'subject', 'dataschema', 'traceparent', 'attempt', 'urgent']) {
    assert.equal(out[name], sent[name], name);
  }
  assert.equal(Date.parse(out.time), Date.parse(sent.time));
  assert.deepEqual(out.data, sent.data);
});

test('a batch is taken item by item', async () => {
  const body = JSON.stringify([order('b-1'), { ...order('b-2').toJSON(), specversion: '0.3' }, order('b-3')]);
  const answer = await post({ headers: { 'content-type': `${batchType}; charset=UTF-8` }, body });
  assert.equal(answer.status, 207, answer.text);
  assert.deepEqual(answer.body.results.map((r) => r.status), [201, 422, 201]);
  assert.equal(answer.body.results[1].problem.errors[0].pointer, '/specversion');
  const events = await feed('shop.order:placed');
  assert.ok(events.has('b-1') && events.has('b-3') && !events.has('b-2'));
  assert.equal((await post({ headers: { 'content-type': batchType }, body: JSON.stringify(order('b-4')) })).status, 400);
});

test('binary mode: JSON data, escaped headers, and data that is not JSON', async () => {
  const json = await post(HTTP.binary(order('n-1', { extraname: 'plain' })));
  assert.equal(json.status, 201, json.text);
  const stored = await read(json.body.id);
  assert.deepEqual(stored.payload, { total: '12.50' });
  assert.equal(stored.attributes.extraname, 'plain');
  assert.equal(stored.attributes.datacontenttype, undefined, 'JSON is what payloads are');

  const ce = { 'ce-specversion': '1.0', 'ce-source': '/camera', 'ce-type': 'shop.image:added' };
  const escaped = await post({ headers: { ...ce, 'ce-id': 'n-2', 'ce-subject': 'caf%C3%A9%20%25', 'content-type': 'application/json' }, body: ' [1.10] ' });
  assert.equal((await read(escaped.body.id)).subject, 'café %');

  const bytes = Buffer.from([0, 1, 2, 250, 255]);
  const image = await post({ headers: { ...ce, 'ce-id': 'n-3', 'content-type': 'image/png' }, body: bytes });
  assert.equal(image.status, 201, image.text);
  const kept = await read(image.body.id);
  assert.equal(kept.payload_base64, bytes.toString('base64'));
  assert.equal(kept.attributes.datacontenttype, 'image/png');
  const out = (await feed('shop.image:added')).get('n-3');
  assert.equal(out.datacontenttype, 'image/png');
  assert.equal(out.data_base64, bytes.toString('base64'));
  assert.deepEqual((await feed('shop.image:added')).get('n-2').data, [1.1]);

  const broken = await post({ headers: { ...ce, 'ce-id': 'n-4', 'content-type': 'application/json' }, body: '{' });
  assert.equal(broken.status, 400);
  const nameless = await post({ headers: { 'ce-specversion': '1.0', 'ce-id': 'n-5', 'content-type': 'application/json' }, body: '1' });
  assert.equal(nameless.status, 422);
  assert.deepEqual(nameless.body.errors.map((e) => e.pointer), ['/source', '/type']);
});

test('data_base64, no data at all, and an attribute that is null', async () => {
  const base = { specversion: '1.0', source: '/x', type: 'shop.image:added' };
  const structured = (event) => post({ headers: { 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(event) });
  const binary = await structured({ ...base, id: 'd-1', datacontenttype: 'image/gif', data_base64: 'AAEC/w==' });
  assert.equal((await read(binary.body.id)).payload_base64, 'AAEC/w==');
  const empty = await structured({ ...base, id: 'd-2', subject: null, note: null });
  const stored = await read(empty.body.id);
  assert.equal(stored.payload, null);
  assert.equal(stored.subject, undefined);
  assert.equal(stored.attributes, undefined);
  assert.equal((await structured({ ...base, id: 'd-3', data_base64: 'AA=A' })).status, 422);
  assert.equal((await structured({ ...base, id: 'd-4', data: 1, data_base64: 'AAAA' })).status, 422);
  assert.equal((await structured({ ...base, id: 'd-5', Bad_Name: 1 })).status, 422);
  assert.equal((await structured({ ...base, id: 'd-6', nested: { a: 1 } })).status, 422);
});

test('source and id together make an event known again', async () => {
  const first = await post(HTTP.structured(order('k-1')));
  const again = await post(HTTP.binary(order('k-1')));
  assert.equal(again.status, 200, again.text);
  assert.equal(again.body.duplicate, true);
  assert.equal(again.body.id, first.body.id);
  const elsewhere = await post(HTTP.structured(order('k-1', { source: 'https://other.test' })));
  assert.equal(elsewhere.status, 201);
  const changed = await post(HTTP.structured(order('k-1', { data: { total: '13.00' } })));
  assert.equal(changed.status, 422);
  assert.match(changed.body.type, /idempotency-conflict/);
});

test('any event leaves as a CloudEvent; which form comes is negotiated', async () => {
  const sent = await postJson(`${server.url}/api/events/send`, { type: 'plain:one', payload: { text: 'x'.repeat(2000) } });
  const [[id, event]] = [...await feed('plain:one')];
  assert.equal(id, sent.body.id);
  assert.equal(event.source, 'headwater');
  assert.equal(event.data.text.length, 2000);

  const address = `${server.url}/api/events/feed/day/current?types=plain:one&limit=1`;
  const plain = await request(address);
  assert.match(plain.headers.get('vary'), /Accept(,|$)/);
  const asked = await request(address, { headers: { accept: `application/json;q=0.5, ${batchType}` } });
  assert.equal(asked.headers.get('content-type'), batchType);
  assert.match(asked.headers.get('vary'), /Accept(,|$)/);
  assert.match(asked.headers.get('link'), /rel="self"/);
  assert.notEqual(asked.headers.get('etag'), plain.headers.get('etag'));
  assert.equal((await request(address, { headers: { accept: 'text/html' } })).status, 406);
  assert.equal((await request(address, { headers: { accept: '*/*' } })).headers.get('content-type'), 'application/json');
  const client = await request(`${server.url}/api/events/feed/day/current/client/c?types=plain:one`, { headers: { accept: batchType } });
  assert.equal(JSON.parse(client.text)[0].id, sent.body.id);

  const zipped = await new Promise((resolve, reject) => {
    http.get(address, { headers: { accept: batchType, 'accept-encoding': 'gzip' } }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject);
  });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(zipped.body).toString(), asked.text);
});
