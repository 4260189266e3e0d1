// Live events in a real browser: Chromium's own WebSocket and EventSource.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, skip } from './support/browser.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson } from './support/http.mjs';

let server;
let browser;
let page;
before(async () => {
  if (skip) return;
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`, { type: 'web:a' });
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.url}/healthz`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const send = async (payload) => (await postJson(`${server.url}/api/events/send`, { type: 'web:a', payload })).body.id;
const seen = () => page.evaluate(() => window.seen);
const untilSeen = (check) => eventually(async () => check(await seen()));

/// Opens a WebSocket in the page; window.seen collects { starts, events, closed }.
const openWebSocket = (address) => page.evaluate((url) => {
  window.seen = { starts: [], events: [], closed: null };
  window.socket = new WebSocket(url);
  window.socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    window.seen[message.cursor === undefined ? 'events' : 'starts'].push(message);
  };
  window.socket.onclose = ({ code, reason, wasClean }) => { window.seen.closed = { code, reason, wasClean }; };
}, address);

/// The same with an EventSource.
const openEventSource = (address) => page.evaluate((url) => {
  window.seen = { starts: [], events: [], errors: 0 };
  window.source = new EventSource(url);
  window.source.addEventListener('cursor', ({ data }) => window.seen.starts.push(JSON.parse(data)));
  window.source.onmessage = ({ data, lastEventId }) => window.seen.events.push({ ...JSON.parse(data), lastEventId });
  window.source.onerror = () => { window.seen.errors += 1; };
}, address);

test('a WebSocket gets events, changes its filters, and closes cleanly', { skip }, async () => {
  await openWebSocket(`${server.url.replace('http', 'ws')}/api/events/?types=none`);
  await untilSeen(({ starts }) => assert.equal(starts.length, 1));
  await page.evaluate(() => window.socket.send('{"subscribe":["web:*"]}'));
  await untilSeen(({ starts }) => assert.equal(starts.length, 2));
  const payload = { text: 'ü€😀', large: 'x'.repeat(70_000) };
  const id = await send(payload);
  await untilSeen(({ events }) => assert.equal(events.length, 1));
  const [event] = (await seen()).events;
  assert.deepEqual([event.id, event.payload], [id, payload]);
  await page.evaluate(() => window.socket.close(4001, 'done'));
  await untilSeen(({ closed }) => assert.deepEqual(closed, { code: 4001, reason: '', wasClean: true }));
});

test('a page of another origin may not open one', { skip }, async () => {
  const foreign = await browser.newPage();
  await foreign.goto('data:text/html,<p>elsewhere</p>');
  const code = await foreign.evaluate((url) => new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onclose = (event) => resolve(event.code);
  }), `${server.url.replace('http', 'ws')}/api/events/`);
  assert.equal(code, 1006);
  await foreign.close();
});

test('an EventSource comes back by itself after a restart, with nothing lost and nothing twice', { skip }, async () => {
  await openEventSource('/api/events/stream?types=web:a');
  await untilSeen(({ starts }) => assert.equal(starts.length, 1));
  const sent = [await send(1), await send(2)];
  await untilSeen(({ events }) => assert.equal(events.length, 2));
  const { dataDir, url } = server;
  assert.equal(await server.stop(), 0);
  server = await startHeadwater({ dataDir, listen: new URL(url).host });
  sent.push(await send(3), await send(4));
  await untilSeen(({ events }) => assert.equal(events.length, 4));
  sent.push(await send(5));
  await untilSeen(({ events }) => assert.equal(events.length, 5));
  const { starts, events, errors } = await seen();
  assert.deepEqual(events.map((event) => event.lastEventId), sent);
  assert.deepEqual(starts.at(-1), { cursor: sent[1], recovered: true, gap: false });
  assert.ok(errors >= 1, 'it has noticed the restart');
});
