// Feeds as caches and link followers see them: canonical addresses, closed pages, conditional requests.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, putJson, postJson, request } from './support/http.mjs';

const publicUrl = 'http://headwater.test';
let server;
before(async () => { server = await startHeadwater({ args: ['--public-url', publicUrl] }); });
after(async () => { await server?.stop(); });

const register = (type, more = {}) => putJson(`${server.url}/api/events/register`, { type, ...more });
const send = async (type, payload = 1) => (await postJson(`${server.url}/api/events/send`, { type, payload })).body;
const here = (address) => address.replace(publicUrl, server.url);
const link = (body, rel) => body.links.find((l) => l.rel === rel)?.href;
const idsOf = (body) => body.events.map((e) => e.id);

/// The time behind an event's own, to the microsecond.
function justAfter(time) {
  const micros = BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1000n + BigInt(time.slice(23, 26)) + 1n;
  const millis = new Date(Number(micros / 1000n)).toISOString();
  return millis.replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
}
/// A range that has just ended behind these events, once it is closed.
async function closedRange(from, to, query) {
  const address = `${server.url}/api/events/feed/${from}/to/${to}?${query}`;
  await eventually(async () => {
    const answer = await request(address);
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/, answer.text);
  });
  return address;
}

test('a closed page is the same for ever: after later events and after a restart', async () => {
  await register('closed:page');
  const first = await send('closed:page', 'first');
  const last = await send('closed:page', 'last');
  const address = await closedRange(first.created_at, justAfter(last.created_at), 'types=closed:page');
  const page = await getJson(address);
  assert.deepEqual(idsOf(page.body), [last.id, first.id]);
  assert.equal(page.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.match(page.headers.get('etag'), /^"[^"]+"$/, 'a strong tag');
  await send('closed:page', 'later');
  assert.equal((await request(address)).text, page.text);
  const same = await request(address, { headers: { 'if-none-match': page.headers.get('etag') } });
  assert.equal(same.status, 304);
  assert.equal(same.text, '');

  const { dataDir } = server;
  await server.stop();
  const path = address.slice(server.url.length);
  server = await startHeadwater({ args: ['--public-url', publicUrl], dataDir });
  const again = await request(server.url + path);
  assert.equal(again.text, page.text);
  assert.equal(again.headers.get('etag'), page.headers.get('etag'));
});

test('a page is never fresh for longer than its events live', async () => {
  await register('closed:soon', { ttl: '100seconds' });
  const sent = await send('closed:soon');
  const address = await closedRange(sent.created_at, justAfter(sent.created_at), 'types=closed:soon');
  const age = Number((await request(address)).headers.get('cache-control').match(/max-age=(\d+)/)[1]);
  assert.ok(age > 0 && age <= 100, String(age));
});

test('the current slice and client views are asked for again, and cheap when nothing came', async () => {
  await register('open:page');
  await send('open:page');
  for (const path of ['day/current', 'day/current/client/c1']) {
    const address = `${server.url}/api/events/feed/${path}?types=open:page`;
    const page = await request(address);
    assert.equal(page.headers.get('cache-control'), 'no-cache', path);
    const tag = { 'if-none-match': page.headers.get('etag') };
    assert.equal((await request(address, { headers: tag })).status, 304, path);
    await send('open:page');
    assert.equal((await request(address, { headers: tag })).status, 200, path);
  }
});

test('links are absolute, keep the filters and stand in the header as well', async () => {
  await register('linked:one');
  for (let i = 0; i < 3; ++i) await send('linked:one', i);
  const page = await getJson(`${server.url}/api/events/feed/day/current/client/c1?limit=2&subject=&types=linked:*&order=asc`);
  assert.equal(page.status, 200);
  const header = page.headers.get('link');
  for (const { rel, href } of page.body.links) {
    assert.ok(href.startsWith(`${publicUrl}/api/events/feed/day/`), href);
    assert.ok(href.includes('/client/c1?types=linked:*&subject=&limit=2&order=asc'), href);
    assert.ok(header.includes(`<${href}>; rel="${rel}"`), rel);
  }
  const events = await getJson(`${server.url}/api/events/feed/day/current?types=linked:one&limit=2&order=asc`);
  const more = await getJson(here(link(events.body, 'more')));
  assert.equal(more.body.events.length, 1);
  assert.equal(link(more.body, 'more'), undefined);
  assert.equal(link(events.body, 'next'), undefined, 'nothing stands behind the current slice');
});

test('a time that is not a slice\'s own address redirects to it and keeps the query', async () => {
  const to = async (path) => {
    const answer = await request(`${server.url}/api/events/feed/${path}`, { redirect: 'manual' });
    assert.equal(answer.status, 308, path);
    return answer.headers.get('location').slice(`${publicUrl}/api/events/feed/`.length);
  };
  assert.equal(await to('hour/2018-02-01T15:04:05.6Z?limit=5'), 'hour/2018-02-01T15:00:00.000Z?limit=5');
  assert.equal(await to('hour/2018-02-01T15'), 'hour/2018-02-01T15:00:00.000Z');
  assert.equal(await to('hour/2018-02-01T15:00:00%2B01:00'), 'hour/2018-02-01T14:00:00.000Z');
  assert.equal(await to('day/2018-02-01/client/a@b?types=b:c,a:*'), 'day/2018-02-01T00:00:00.000Z/client/a@b?types=a:*,b:c');
  assert.equal(await to('month/2018-02'), 'month/2018-02-01T00:00:00.000Z');
});

test('parameters that cannot be read are refused', async () => {
  const current = `${server.url}/api/events/feed/hour/current`;
  const bad = ['limit=0', 'limit=1001', 'limit=x', 'order=up', 'after=x', 'before=-1', 'processed=yes', 'types=a::b', 'seek=up'];
  for (const query of bad) assert.equal((await request(`${current}?${query}`)).status, 400, query);
  assert.equal((await request(`${current}?colour=red`)).status, 200, 'an unknown one is ignored');
  assert.equal((await request(`${current}/client/a%20b`)).status, 400);
  assert.equal((await request(`${server.url}/api/events/feed/week/current`)).status, 404);
  assert.equal((await request(`${server.url}/api/events/feed/2018-03/to/2018-02`)).status, 400);
});

test('an old, empty slice leads to the newer one that is not empty', async () => {
  await register('found:by-link');
  const sent = await send('found:by-link');
  const old = await getJson(`${server.url}/api/events/feed/day/2018-02-01T00:00:00.000Z?types=found:by-link`);
  assert.deepEqual(old.body.events, []);
  assert.equal(link(old.body, 'prev'), undefined);
  assert.match(old.headers.get('cache-control'), /immutable/);
  const found = await request(here(link(old.body, 'next-archive')), { redirect: 'manual' });
  assert.equal(found.status, 307);
  assert.deepEqual(idsOf((await getJson(here(found.headers.get('location')))).body), [sent.id]);
});

test('the entry document leads to everything', async () => {
  const entry = await getJson(`${server.url}/api/events/`);
  for (const { rel, href, templated } of entry.body.links) {
    if (templated) continue;
    const answer = await request(here(href));
    assert.ok(answer.status === 200 || (rel === 'send' && answer.status === 405), `${rel}: ${answer.status}`);
  }
});

/// For headers that fetch() would not send; resolves to the head of the answer.
function answerOf(path, headers) {
  return new Promise((resolve, reject) => {
    const sent = http.get(server.url + path, { headers }, (answer) => { resolve(answer); sent.destroy(); });
    sent.on('upgrade', (answer, socket) => { resolve(answer); socket.destroy(); });
    sent.on('error', reject);
  });
}

test('what is wrong with a live request is said before the upgrade', async () => {
  const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  const statusOf = async (path, more) => (await answerOf(path, { ...handshake, ...more })).statusCode;
  assert.equal(await statusOf('/api/events/'), 101);
  assert.equal(await statusOf('/api/events/?types=a::b'), 400);
  assert.equal(await statusOf('/api/events/?since=yesterday'), 400);
  assert.equal(await statusOf('/api/events/', { 'Sec-WebSocket-Key': 'short' }), 400);
  assert.equal(await statusOf('/api/events/', { Origin: 'http://elsewhere.test' }), 403);
  assert.equal(await statusOf('/api/events/', { Origin: publicUrl }), 101);
  const old = await answerOf('/api/events/', { ...handshake, 'Sec-WebSocket-Version': '8' });
  assert.equal(old.statusCode, 426);
  assert.equal(old.headers['sec-websocket-version'], '13');
  assert.equal((await answerOf('/api/events/stream', { 'Last-Event-ID': 'x' })).statusCode, 400);
  assert.equal((await answerOf('/api/events/stream', { Origin: 'null' })).statusCode, 403);
});
