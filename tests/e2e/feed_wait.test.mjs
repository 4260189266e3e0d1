// Long polls, pages from memory, and two nodes over one database.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseOf } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';

const publicUrl = 'http://headwater.test';
let server;
let other;
before(async () => {
  server = await startHeadwater({ args: ['--public-url', publicUrl] });
  other = await startHeadwater({ args: ['--public-url', publicUrl, '--database-url', databaseOf(server)] });
  for (const type of ['wait:one', 'wait:two', 'closed:one']) await putJson(`${server.url}/api/events/register`, { type });
});
after(async () => { await other?.stop(); await server?.stop(); });

const send = async (type, payload = 1, to = server) => (await postJson(`${to.url}/api/events/send`, { type, payload })).body;
const feed = (query, at = 'day/current', from = server) => `${from.url}/api/events/feed/${at}?${query}`;
const idsOf = (body) => body.events.map((e) => e.id);
const feedRequests = async (node) => Number((await request(`${node.opsUrl}/metrics`)).text.match(/^headwater_feed_requests_total (\d+)/m)[1]);
async function timed(promise) {
  const begin = performance.now();
  return { answer: await promise, seconds: (performance.now() - begin) / 1000 };
}

test('a long poll ends with the first event that matches, wherever it was sent', async () => {
  const { id } = await send('wait:one');
  for (const node of [server, other]) {
    for (const at of ['day/current', 'day/current/client/poller']) {
      const after = (await getJson(feed('limit=1'))).body.events[0].id;
      const polled = timed(getJson(feed(`types=wait:one&after=${after}&wait=30`, at, node)));
      await send('wait:two');
      const sent = await send('wait:one', at);
      const { answer, seconds } = await polled;
      assert.deepEqual(idsOf(answer.body), [sent.id], at);
      assert.ok(seconds < 10, `${at}: ${seconds}`);
    }
  }
  const behind = await timed(getJson(feed(`types=wait:one&after=${id}&wait=30`)));
  assert.ok(behind.answer.body.events.length === 4 && behind.seconds < 5, 'what is there already does not wait');
});

test('a long poll for nothing ends in time and says so', async () => {
  const after = (await send('wait:one')).id;
  const { answer, seconds } = await timed(getJson(feed(`types=wait:one&after=${after}&wait=1`)));
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.events, []);
  assert.ok(seconds >= 0.99, String(seconds));
  assert.equal((await request(feed(`after=${after}&wait=61`))).status, 400);
  assert.equal((await request(feed(`after=${after}&wait=x`))).status, 400);
  const closed = await timed(request(feed('after=1&wait=60', 'day/2018-02-01T00:00:00.000Z')));
  assert.ok(closed.answer.status === 200 && closed.seconds < 10, 'a closed slice has nothing to wait for');
});

test('many wait at once, and all are told', async () => {
  const after = (await send('wait:one')).id;
  const polls = Array.from({ length: 200 }, () => getJson(feed(`types=wait:one&after=${after}&wait=30`)));
  await eventually(async () => assert.equal((await request(`${server.url}/healthz`)).status, 200));
  const sent = await send('wait:one');
  for (const answer of await Promise.all(polls)) assert.deepEqual(idsOf(answer.body), [sent.id]);
});

test('a closed page is equal on two nodes, and its second read asks no database', async () => {
  const first = await send('closed:one', 'first');
  const last = await send('closed:one', 'x'.repeat(3000));
  const end = new Date(Date.parse(last.created_at) + 1).toISOString();
  const range = `${first.created_at}/to/${end}`;
  const pages = await Promise.all([server, other].map((node) => eventually(async () => {
    const page = await request(feed('types=closed:one', range, node));
    assert.match(page.headers.get('cache-control'), /immutable/, page.text);
    return page;
  })));
  assert.equal(pages[0].text, pages[1].text);
  assert.equal(pages[0].headers.get('etag'), pages[1].headers.get('etag'));
  assert.match(pages[0].headers.get('etag'), /-gzip"$/, 'fetch asks for gzip');
  const plain = await request(feed('types=closed:one', range), { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.text, pages[0].text);
  assert.equal(plain.headers.get('etag'), pages[0].headers.get('etag').replace('-gzip', ''));

  await server.killPostgres();
  const again = await request(feed('types=closed:one', range));
  assert.equal(again.status, 200);
  assert.equal(again.text, pages[0].text);
  const tag = { 'if-none-match': plain.headers.get('etag') };
  assert.equal((await request(feed('types=closed:one', range), { headers: tag })).status, 304);
  await eventually(async () => assert.equal((await request(`${server.url}/readyz`)).status, 200));
});

test('shutting down ends a long poll at once with what there is', async () => {
  const after = await eventually(async () => {
    const { id } = await send('wait:one', 1, other);
    assert.ok(id);
    return id;
  });
  const before = await feedRequests(other);
  const polled = timed(getJson(feed(`types=wait:one&after=${after}&wait=60`, 'day/current', other)));
  await eventually(async () => assert.ok(await feedRequests(other) > before));
  assert.equal(await other.stop(), 0);
  const { answer, seconds } = await polled;
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.events, []);
  assert.ok(seconds < 10, String(seconds));
  other = undefined;
});
