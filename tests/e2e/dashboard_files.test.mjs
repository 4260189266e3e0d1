// The dashboard as files: what the server says about them, and the figures that it draws.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';

let server;
before(async () => { server = await startHeadwater(); });
after(() => server?.stop());

/// As the server sends it, gzip and all: fetch() would inflate it and hide that.
function raw(path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    http.request(`${server.url}${path}`, { method, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject).end();
  });
}

async function assets() {
  const { text } = await request(`${server.url}/`);
  return [...text.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
}

test('the page comes with a policy that lets in nothing of anybody else', async () => {
  const page = await raw('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const policy = page.headers['content-security-policy'];
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'"]) {
    assert.ok(policy.split('; ').includes(rule), `${rule} is not in ${policy}`);
  }
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
  assert.equal(page.headers['cache-control'], 'no-cache');
  assert.doesNotMatch(page.body.toString(), /https?:\/\/(?!www\.w3\.org)/, 'no address of anybody else');
});

test('the page is asked for again with its strong tag and is not sent again', async () => {
  const { headers } = await raw('/');
  assert.match(headers.etag, /^"[0-9a-f]{32}"$/);
  const again = await raw('/', { 'If-None-Match': headers.etag });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
  assert.equal(again.headers.etag, headers.etag);
});

test('scripts and styles may be kept for ever, and come compressed to whoever takes that', async () => {
  const paths = await assets();
  assert.ok(paths.some((path) => path.endsWith('.js')) && paths.some((path) => path.endsWith('.css')), String(paths));
  for (const path of paths) {
    const plain = await raw(path);
    assert.equal(plain.status, 200, path);
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(plain.headers['content-encoding'], undefined);
    const small = await raw(path, { 'Accept-Encoding': 'gzip' });
    assert.equal(small.headers['content-encoding'], 'gzip');
    assert.ok(small.headers.vary.includes('Accept-Encoding'));
    assert.notEqual(small.headers.etag, plain.headers.etag);
    assert.ok(small.body.length < plain.body.length);
    assert.ok(zlib.gunzipSync(small.body).equals(plain.body), `${path} inflates to the same`);
    const head = await raw(path, { 'Accept-Encoding': 'gzip' }, 'HEAD');
    assert.equal(head.headers['content-length'], String(small.body.length));
  }
});

test('a file that there is not is 404', async () => {
  assert.equal((await raw('/assets/none.js')).status, 404);
  assert.equal((await raw('/assets/..%2findex.html')).status, 404);
});

test('the figures say how much came in, of which types, and how long appends took', async () => {
  await putJson(`${server.url}/api/events/register`, { type: 'figures:a' });
  const before = await getJson(`${server.url}/api/stats`);
  assert.equal(before.status, 200);
  assert.equal(before.body.step_seconds, 5);
  for (let i = 0; i < 20; i += 1) await postJson(`${server.url}/api/events/send`, { type: 'figures:a', payload: i });
  await eventually(async () => {
    const { body } = await getJson(`${server.url}/api/stats`);
    const type = body.types.find((one) => one.type === 'figures:a');
    assert.equal(type?.total, 20);
    assert.ok(body.accepted.some((rate) => rate > 0));
    assert.ok(type.per_second > 0);
    const lengths = [body.times, body.accepted, body.append.p50, body.append.p99, body.lag.events, body.live.messages, type.accepted].map((list) => list.length);
    assert.deepEqual(new Set(lengths), new Set([body.times.length]), 'one value a step');
    assert.ok(body.append.p99.some((value) => value > 0));
  }, 30_000);
});
