// Inboxes: the examples of docs/inboxes.md as they stand, and everything that a reader may count on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseOf } from './support/database.mjs';
import { closeStreams, openStream, untilMessages } from './support/event_stream.mjs';
import { eventually } from './support/eventually.mjs';
import { check, examplesIn } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, request } from './support/http.mjs';

const examples = examplesIn('docs/inboxes.md', 'inboxes.test.mjs');

let a; // runs the private PostgreSQL
let b; // another node over it
before(async () => {
  a = await startHeadwater();
  b = await startHeadwater({ args: ['--database-url', databaseOf(a)] });
});
after(async () => {
  closeStreams();
  await b?.stop();
  await a?.stop();
});

async function send(node, type, payload, more = {}) {
  const { status, body } = await postJson(`${node.url}/api/events/send`, { type, payload, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}
const tell = (node, inbox, ...bodies) =>
  send(node, 'monitor.user', { service: `web-${inbox}`, messages: bodies.map((body) => ({ body, level: 'info' })) });
const token = { 'X-Auth-Token': 'anybody' };
const read = (node, inbox, headers = {}) =>
  openStream(`${node.url}/events?stream=${encodeURIComponent(inbox)}`, { headers: { ...token, ...headers }, names: ['closed'] });
const bodiesOf = (stream) => stream.messages.map((message) => message.data.body);
const statusOf = (node, inbox, headers = {}) =>
  request(`${node.url}/events?stream=${inbox}`, { headers: { ...token, ...headers } });

test('the examples have been found', () => assert.ok(examples.length >= 6, `${examples.length} examples`));
test('the examples of the documentation', async (t) => {
  for (const example of examples) {
    await t.test(example.command.split('\n')[0], () => check(example, [['http://127.0.0.1:8080', a.url]]));
  }
});

test('late readers get everything from the beginning, on every node; then what is new', async () => {
  await send(a, 'service.create', { id: 'late' });
  const first = await tell(a, 'late', 'one', 'two');
  const second = await tell(b, 'late', 'three');
  await tell(b, 'other', 'not his');
  const readers = [await read(a, 'late'), await read(b, 'late')];
  for (const reader of readers) await untilMessages(reader, 3);
  const third = await tell(a, 'late', 'four', 'five');
  for (const reader of readers) {
    await untilMessages(reader, 5);
    assert.deepEqual(bodiesOf(reader), ['one', 'two', 'three', 'four', 'five']);
    assert.deepEqual(reader.messages.map((m) => m.id), [`${first}.1`, `${first}.2`, `${second}.1`, `${third}.1`, `${third}.2`]);
    assert.deepEqual(reader.messages[0], { id: `${first}.1`, name: 'message', data: { body: 'one', level: 'info' } });
  }
  const rest = await read(b, 'late', { 'Last-Event-ID': `${third}.1` });
  await untilMessages(rest, 1);
  await tell(a, 'late', 'six');
  await untilMessages(rest, 2);
  assert.deepEqual(bodiesOf(rest), ['five', 'six']);
});

test('the first reader makes an inbox', async () => {
  const reader = await read(a, 'early');
  await send(b, 'monitor.user', { id: 'early', messages: [{ body: 'hello', level: 'warning' }] });
  await untilMessages(reader, 1);
  assert.deepEqual(reader.messages[0].data, { body: 'hello', level: 'warning' });
});

test('an inbox closes ten seconds after the work is done, says so once, and then is quiet for good', async () => {
  await send(a, 'service.delete', { id: 'done' });
  await tell(a, 'done', 'working');
  const reader = await read(b, 'done');
  const closing = await send(a, 'service.delete.error', { id: 'done' });
  await tell(b, 'done', 'a last word');
  await eventually(() => assert.ok(reader.messages.some((m) => m.name === 'closed')), 30_000);
  assert.deepEqual(reader.messages.map((m) => m.data.body ?? m.name), ['working', 'a last word', 'closed']);
  assert.deepEqual(reader.messages[2], { id: `${closing}.closed`, name: 'closed', data: { outcome: 'error' } });
  await eventually(() => assert.equal(reader.source.readyState, 2), 20_000); // the 204 has told it
  await tell(a, 'done', 'too late');
  const late = await statusOf(a, 'done');
  assert.equal(late.status, 200);
  assert.ok(late.text.includes('working') && late.text.includes('a last word') && !late.text.includes('too late'));
  assert.match(late.text, /event: closed\ndata: .*\n\n$/);
  assert.equal((await statusOf(b, 'done', { 'Last-Event-ID': `${closing}.closed` })).status, 204);

  await send(a, 'service.create', { id: 'done' }); // and begins anew
  await tell(a, 'done', 'again');
  const again = await read(b, 'done');
  const returned = await read(a, 'done', { 'Last-Event-ID': `${closing}.closed` });
  for (const stream of [again, returned]) {
    await untilMessages(stream, 1);
    assert.deepEqual(bodiesOf(stream), ['again']);
  }
});

test('history survives kill -9 of everything', async () => {
  const lasting = await startHeadwater();
  await send(lasting, 'service.create', { id: '5' });
  const id = await tell(lasting, '5', 'one', 'two');
  await lasting.kill();
  await lasting.killPostgres();
  const again = await startHeadwater({ dataDir: lasting.dataDir });
  const reader = await read(again, '5', { 'Last-Event-ID': `${id}.1` });
  await untilMessages(reader, 1);
  await tell(again, '5', 'three');
  await untilMessages(reader, 2);
  assert.deepEqual(bodiesOf(reader), ['two', 'three']);
  reader.close();
  await again.stop();
});

test('who has no token, or asks for nothing that there could be, is told', async () => {
  const { status, text } = await request(`${a.url}/events?stream=1`);
  assert.equal(status, 401);
  assert.equal(JSON.parse(text).error, 'Unauthorized');
  assert.equal((await request(`${a.url}/events`, { headers: token })).status, 400);
  assert.equal((await statusOf(a, '1', { 'Last-Event-ID': 'nonsense' })).status, 400);
  const reader = await openStream(`${a.url}/events?stream=browser&access_token=anybody`);
  reader.close();
});

test('an event of an inbox stands under its name', async () => {
  const id = await tell(a, 'subject', 'x');
  const { body } = await getJson(`${a.url}/api/events/${id}`);
  assert.equal(body.subject, 'subject');
  const { status, body: problem } = await postJson(`${a.url}/api/events/send`, { type: 'service.create', subject: 'b', payload: { id: 'a' } });
  assert.equal(status, 422);
  assert.deepEqual(problem.errors.map((error) => error.pointer), ['/subject']);
  await send(a, 'service.create', { id: 'a' }, { subject: 'a' });
  await send(a, 'service.create', { name: 'of no inbox' }, { subject: 'whatever' });
});
