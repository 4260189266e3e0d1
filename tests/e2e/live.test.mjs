// Live events, as WebSocket and EventSource clients that we did not write see them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson, request } from './support/http.mjs';
import { closeAll, ids, openEventSource, openRaw, openSocket, untilEvents } from './support/live.mjs';

let server;
before(async () => {
  server = await startHeadwater();
  for (const type of ['live:a', 'live:b', 'other:c']) await register(type);
  await register('live:quick', { ttl: 'ephemeral' });
});
after(async () => {
  closeAll();
  await server?.stop();
});

const register = (type, more = {}) => putJson(`${server.url}/api/events/register`, { type, ...more });
const send = async (type, payload = 1, more = {}) => {
  const answer = await postJson(`${server.url}/api/events/send`, { type, payload, ...more });
  assert.ok([201, 202].includes(answer.status), JSON.stringify(answer.body));
  return answer.body.id;
};
const streamAddress = (query) => `${server.url}/api/events/stream?${query}`;

test('a WebSocket gets each matching event as soon as it is committed, and nothing else', async () => {
  const live = await openSocket(server.url, 'types=live:*');
  assert.deepEqual(Object.keys(live.start), ['cursor', 'recovered', 'gap']);
  assert.equal(live.start.recovered, false);
  await send('other:c');
  const began = performance.now();
  const first = await send('live:a', { deep: [1, 2] });
  await untilEvents(live, 1);
  assert.ok(performance.now() - began < 2000);
  const second = await send('live:b', 'text', { subject: 's' });
  await untilEvents(live, 2);
  assert.deepEqual(ids(live), [first, second]);
  assert.deepEqual(live.events[0].payload, { deep: [1, 2] });
  assert.equal(live.events[1].subject, 's');
  assert.match(live.events[0].created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test('payload bytes come as they were sent, line ends too', async () => {
  const live = await openSocket(server.url, 'types=live:a');
  const stream = await openEventSource(streamAddress('types=live:a'));
  const payload = '{"n":1.10e+02,\n "u":"\\u0000",\r\n\t"n":2}';
  const answer = await postJson(`${server.url}/api/events/send`, `{"type":"live:a","payload":${payload}}`);
  assert.equal(answer.status, 201);
  await untilEvents(live, 1);
  assert.ok(live.events[0].text.includes(`"payload":${payload}`), live.events[0].text);
  await untilEvents(stream, 1);
  assert.deepEqual(stream.events[0].payload, { n: 2, u: '\u0000' });
});

test('ephemeral events pass through, marked, and are not replayed', async () => {
  const live = await openSocket(server.url, 'types=live:quick');
  const stream = await openEventSource(streamAddress('types=live:quick'));
  await send('live:quick', { now: true });
  await untilEvents(live, 1);
  await untilEvents(stream, 1);
  assert.equal(live.events[0].ephemeral, true);
  assert.equal(stream.events[0].lastEventId, stream.starts[0].lastEventId, 'no id of its own');
  const resumed = await openSocket(server.url, 'types=live:quick&since=beginning');
  const next = await postJson(`${server.url}/api/events/send`, { type: 'live:quick', payload: 2 });
  assert.equal(next.status, 202);
  await untilEvents(resumed, 1);
  assert.equal(resumed.events[0].payload, 2);
});

test('a resumed WebSocket gets history first, then live, without a gap or a repeat', async () => {
  const sent = [];
  for (let i = 0; i < 20; i += 1) sent.push(await send('live:a', i));
  const live = await openSocket(server.url, `types=live:a&since=${sent[4]}`);
  assert.deepEqual(live.start, { cursor: sent[4], recovered: true, gap: false });
  for (let i = 20; i < 30; i += 1) sent.push(await send('live:a', i));
  await untilEvents(live, 25);
  assert.deepEqual(ids(live), sent.slice(5));
  const all = await openSocket(server.url, 'types=live:a&since=beginning');
  await eventually(() => assert.deepEqual(ids(all).slice(-30), sent));
  assert.equal(all.start.recovered, true);
});

test('subscribers that come and go under load miss nothing', async () => {
  const sent = [];
  let isSending = true;
  const sending = (async () => {
    while (isSending) {
      const batch = Array.from({ length: 20 }, (_, i) => ({ type: 'live:b', payload: i }));
      const answer = await postJson(`${server.url}/api/events/send`, batch);
      assert.equal(answer.status, 200);
      sent.push(...answer.body.results.map((result) => result.id));
    }
  })();
  await eventually(() => assert.ok(sent.length > 100));
  let cursor = sent[10];
  const seen = [];
  for (let round = 0; round < 10; round += 1) {
    const live = await openSocket(server.url, `types=live:b&since=${cursor}`);
    assert.equal(live.start.recovered, true);
    await untilEvents(live, 50);
    await live.close();
    seen.push(...ids(live));
    cursor = seen.at(-1);
  }
  isSending = false;
  await sending;
  const last = await openSocket(server.url, `types=live:b&since=${cursor}`);
  await eventually(() => assert.deepEqual([...seen, ...ids(last)], sent.slice(11)));
});

test('filters change on the open socket', async () => {
  const live = await openSocket(server.url, 'types=live:a');
  live.socket.send('{"subscribe":["live:b"]}');
  await eventually(() => assert.equal(live.cursors.length, 1));
  const first = await send('live:b');
  await untilEvents(live, 1);
  live.socket.send('{"unsubscribe":["live:a"]}');
  await eventually(() => assert.equal(live.cursors.length, 2));
  await send('live:a');
  const second = await send('live:b');
  await untilEvents(live, 2);
  assert.deepEqual(ids(live), [first, second]);
  for (const mistake of ['{"subscribe":["a::b"]}', '{"unsubscribe":["never"]}', 'nonsense']) live.socket.send(mistake);
  await eventually(() => assert.equal(live.errors.length, 3));
  assert.equal(live.socket.readyState, WebSocket.OPEN);
});

test('types left out is everything but the reserved prefixes, and subject narrows', async () => {
  const everything = await openSocket(server.url);
  const narrow = await openSocket(server.url, 'types=live:**&subject=one');
  const first = await send('live:a', 1, { subject: 'one' });
  const second = await send('other:c', 1, { subject: 'one' });
  const third = await send('live:b', 1, { subject: 'two' });
  await untilEvents(everything, 3);
  assert.deepEqual(ids(everything), [first, second, third]);
  await untilEvents(narrow, 1);
  assert.deepEqual(ids(narrow), [first]);
});

test('a bad filter or since is 400 before the upgrade', async () => {
  for (const query of ['types=a::b', 'types=a:**:b', `types=${Array(101).fill('a').map((a, i) => a + i)}`, 'since=x', 'since=-1']) {
    await assert.rejects(openSocket(server.url, query), /400/, query);
    const answer = await request(streamAddress(query));
    assert.equal(answer.status, 400, query);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  }
});

test('a handshake that is none is told what is missing', async () => {
  const raw = await openRaw(server.url);
  raw.socket.write('GET /api/events/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    + 'Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  await eventually(() => assert.match(raw.received.toString(), /^HTTP\/1\.1 426 [\s\S]*sec-websocket-version: 13/i));
});

test('RFC 6455 to the letter: masks, fragments, UTF-8, sizes', async () => {
  const frame = (first, payload, isMasked = true) => {
    const body = Buffer.from(payload);
    const length = body.length < 126 ? Buffer.from([body.length]) : Buffer.from([126, body.length >> 8, body.length & 255]);
    if (!isMasked) return Buffer.concat([Buffer.from([first]), length, body]);
    length[0] |= 0x80;
    return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(4), body]);  // a mask of zeros is a mask
  };
  const closeCodeAfter = async (...frames) => {
    const raw = await openRaw(server.url);
    raw.socket.write('GET /api/events/?types=none HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
      + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await eventually(() => assert.ok(raw.received.includes('"recovered"')));
    raw.socket.write(Buffer.concat(frames));
    await eventually(() => assert.ok(raw.hasEnded));
    const close = raw.received.lastIndexOf(0x88);
    return raw.received.readUInt16BE(close + 2);
  };
  assert.equal(await closeCodeAfter(frame(0x81, 'x', false)), 1002, 'unmasked');
  assert.equal(await closeCodeAfter(frame(0xc1, 'x')), 1002, 'a reserved bit');
  assert.equal(await closeCodeAfter(frame(0x83, 'x')), 1002, 'a reserved opcode');
  assert.equal(await closeCodeAfter(frame(0x80, 'x')), 1002, 'nothing to continue');
  assert.equal(await closeCodeAfter(frame(0x09, 'x')), 1002, 'a fragmented ping');
  assert.equal(await closeCodeAfter(frame(0x88, Buffer.from([3, 237]))), 1002, 'code 1005');
  assert.equal(await closeCodeAfter(frame(0x01, Buffer.from([0xff]))), 1007, 'bad UTF-8 in an unfinished message');
  assert.equal(await closeCodeAfter(frame(0x82, 'x')), 1003, 'binary');
  assert.equal(await closeCodeAfter(frame(0x01, 'x'.repeat(40_000)), frame(0x80, 'x'.repeat(40_000))), 1009, 'too big');
  assert.equal(await closeCodeAfter(frame(0x88, Buffer.from([3, 232]))), 1000, 'a good end');
});

test('EventSource gets unnamed messages with ids, named ones when asked', async () => {
  const stream = await openEventSource(streamAddress('types=live:*'));
  const named = await openEventSource(streamAddress('types=live:*&named=true'), { names: ['live:a'] });
  const byAccept = await openEventSource(`${server.url}/api/events/?types=live:*`);
  const id = await send('live:a', { x: 1 });
  for (const live of [stream, named, byAccept]) await untilEvents(live, 1);
  assert.equal(stream.events[0].name, 'message');
  assert.equal(stream.events[0].lastEventId, id);
  assert.equal(named.events[0].name, 'live:a');
  assert.deepEqual(byAccept.events[0].payload, { x: 1 });
});

test('an EventSource of a foreign page is let in when its origin is configured', async () => {
  const open = await startHeadwater({ args: ['--cors-origin', 'https://page.example'] });
  const abort = new AbortController();
  try {
    const answer = await fetch(`${open.url}/api/events/stream`, { headers: { origin: 'https://page.example' }, signal: abort.signal });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://page.example');
    assert.ok(answer.headers.get('date'));
  } finally {
    abort.abort();
    await open.stop();
  }
});

test('Last-Event-ID resumes, and is stronger than the address', async () => {
  const sent = [await send('live:a'), await send('live:a'), await send('live:a')];
  const stream = await openEventSource(streamAddress('types=live:a&since=beginning'), { headers: { 'Last-Event-ID': sent[0] } });
  assert.equal(stream.starts[0].recovered, true);
  assert.equal(stream.starts[0].cursor, sent[0]);
  await untilEvents(stream, 2);
  assert.deepEqual(ids(stream), sent.slice(1));
});

test('since above the head goes on from the head and says that something is missing', async () => {
  const live = await openSocket(server.url, 'types=live:a&since=4000000000000000000');
  assert.equal(live.start.recovered, false);
  assert.equal(live.start.gap, true);
  const id = await send('live:a');
  await untilEvents(live, 1);
  assert.deepEqual(ids(live), [id]);
});

test('history that has expired is a gap', async () => {
  await register('live:brief', { ttl: '1second' });
  const before = await send('live:a');
  const first = await send('live:brief');
  await eventually(async () => assert.equal((await request(`${server.url}/api/events/${first}`)).status, 410));
  const old = await openSocket(server.url, `types=live:brief&since=${before}`);
  assert.equal(old.start.gap, true);
  assert.equal(old.start.recovered, false);
  const next = await send('live:brief', 2);
  await untilEvents(old, 1);
  assert.deepEqual(ids(old), [next]);
});

test('one slow consumer is closed with its cursor; nobody else notices', async () => {
  const small = await startHeadwater({ args: ['--live-buffer', '65536'] });
  try {
    await putJson(`${small.url}/api/events/register`, { type: 'big' });
    const slow = await openSocket(small.url, 'types=big');
    const good = await openSocket(small.url, 'types=big');
    slow.socket.pause();
    const payload = 'x'.repeat(200_000);
    let count = 0;
    for (; count < 100; count += 10) {
      const batch = Array.from({ length: 10 }, () => ({ type: 'big', payload }));
      assert.equal((await postJson(`${small.url}/api/events/send`, batch)).status, 200);
      await untilEvents(good, count + 10);
    }
    slow.socket.resume();
    await eventually(() => assert.ok(slow.closed));
    assert.equal(slow.closed.code, 4008);
    assert.equal(slow.closed.reason, ids(slow).at(-1));
    const resumed = await openSocket(small.url, `types=big&since=${slow.closed.reason}`);
    await eventually(() => assert.deepEqual([...ids(slow), ...ids(resumed)], ids(good)));
  } finally {
    await small.stop();
  }
});

test('whoever comes from one address too often is told so, and an EventSource comes back by itself', async () => {
  const full = await startHeadwater({ args: ['--max-connections-per-address', '3'] });
  try {
    const sockets = [];
    for (let i = 0; i < 3; i += 1) sockets.push(await openSocket(full.url));
    const refused = new WebSocket(`${full.url.replace('http', 'ws')}/api/events/`);
    const closed = await new Promise((resolve) => { refused.on('close', (code) => resolve(code)); });
    assert.equal(closed, 1013);
    assert.equal((await fetch(`${full.url}/healthz`)).status, 503);
    const raw = await openRaw(full.url);
    raw.socket.write('GET /api/events/stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => assert.match(raw.received.toString(), /^HTTP\/1\.1 200 [\s\S]*\nretry: \d+\n\n$/));
    await eventually(() => assert.ok(raw.hasEnded));
    const coming = openEventSource(`${full.url}/api/events/stream`);
    await sockets[0].close();
    assert.equal((await coming).starts.length, 1);
  } finally {
    await full.stop();
  }
});

test('a stopping server says 1012 and retry', async () => {
  const stopping = await startHeadwater();
  const live = await openSocket(stopping.url);
  const stream = await openEventSource(`${stopping.url}/api/events/stream`);
  const raw = await openRaw(stopping.url);
  raw.socket.write('GET /api/events/stream HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(() => assert.ok(raw.received.includes('event: cursor')));
  const stopped = stopping.stop();
  await eventually(() => assert.equal(live.closed?.code, 1012));
  await eventually(() => assert.match(raw.received.toString(), /\nretry: \d+\n\n$/));
  await eventually(() => assert.ok(raw.hasEnded));
  stream.source.close();
  assert.equal(await stopped, 0);
});
