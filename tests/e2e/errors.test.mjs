// Bad input gets a clear answer, everywhere in the same form.
import assert from 'node:assert/strict';
import net from 'node:net';
import zlib from 'node:zlib';
import { after, before, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { putJson, postJson, request } from './support/http.mjs';

let server;
before(async () => {
  server = await startHeadwater({ args: ['--max-event-bytes', '65536'] });
  await putJson(`${server.url}/api/events/register`, { type: 'e:v' });
});
after(async () => { await server?.stop(); });

const sendRaw = (body, headers = {}) => request(`${server.url}/api/events/send`, {
  method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

function checkProblem(answer, status, context) {
  assert.equal(answer.status, status, `${context}: ${answer.text}`);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json', context);
  const problem = JSON.parse(answer.text);
  for (const member of ['type', 'title', 'status', 'detail', 'instance', 'error']) assert.ok(member in problem, `${context}: ${member}`);
  assert.equal(problem.status, status);
  assert.match(problem.type, /^\/problems\//);
  assert.equal(problem.instance, answer.headers.get('x-request-id'));
  assert.doesNotMatch(answer.text, /pqxx|SQLSTATE|rapidjson|beast|SELECT|libpq|\/src\//i);
  return problem;
}

const deep = (n) => '['.repeat(n) + ']'.repeat(n);

test('bodies that are not what they should be', async () => {
  const cases = [
    ['', 400, 'empty'],
    ['{', 400, 'cut off'],
    ['{"type":"e:v","payload":1} x', 400, 'trailing bytes'],
    ['{"type":"e:v","payload":1,"payload":2}', 400, 'a member twice'],
    ['{"type":"e:v","type":"e:v","payload":1}', 400, 'the type twice'],
    ['\ufeff{"type":"e:v","payload":1}', 400, 'a byte order mark'],
    ['{"type":"e:v","payload":"\\udc00"}', 400, 'a lone surrogate'],
    ['{"type":"e:v","payload":"\\ud800x"}', 400, 'half a pair'],
    [Buffer.from('{"type":"e:v","payload":"\xff"}', 'latin1'), 400, 'not UTF-8'],
    [Buffer.from('{"type":"e:v","payload":1}\0', 'latin1'), 400, 'a NUL at the end'],
    [Buffer.from('{"type":"e:v","payload":"\0"}', 'latin1'), 400, 'a NUL inside'],
    [`{"type":"e:v","payload":${deep(129)}}`, 400, 'too deep'],
    [`{"type":"e:v","payload":${deep(200_000)}}`, 400, 'far too deep'],
    ['{"type":"e:v"}', 422, 'no payload'],
    ['{"payload":1}', 422, 'no type'],
    ['{"type":5,"payload":1}', 422, 'a number for a type'],
    ['{"type":"e:v","payload":1,"colour":"red"}', 422, 'an unknown member'],
    ['{"type":"e:v","payload":1,"occurredAt":"yesterday"}', 422, 'not a time'],
    ['"text"', 400, 'neither object nor array'],
    ['[]', 422, 'an empty batch'],
    [`{"type":"e:v","payload":"${'x'.repeat(70_000)}"}`, 413, 'an oversized payload'],
    [`[${'{"type":"e:v","payload":1},'.repeat(1000)}{"type":"e:v","payload":1}]`, 413, 'too many events'],
    [`{"type":"e:v","payload":"${'x'.repeat(5 << 20)}"}`, 413, 'an oversized body'],
  ];
  for (const [body, status, context] of cases) checkProblem(await sendRaw(body), status, context);
  assert.equal((await sendRaw(`{"type":"e:v","payload":${deep(128)}}`)).status, 201, 'as deep as allowed');
});

test('content types and encodings', async () => {
  checkProblem(await sendRaw('{}', { 'content-type': 'text/plain' }), 415, 'text/plain');
  checkProblem(await sendRaw('{}', { 'content-encoding': 'br' }), 415, 'brotli');
  const zipped = zlib.gzipSync('{"type":"e:v","payload":"zipped"}');
  assert.equal((await sendRaw(zipped, { 'content-encoding': 'gzip' })).status, 201);
  const bomb = zlib.gzipSync(Buffer.alloc(200 << 20, ' '));
  checkProblem(await sendRaw(bomb, { 'content-encoding': 'gzip' }), 413, 'a zip bomb');
  checkProblem(await sendRaw('not gzip', { 'content-encoding': 'gzip' }), 400, 'broken gzip');
});

test('routes and methods', async () => {
  checkProblem(await request(`${server.url}/nowhere`), 404, 'unknown route');
  const wrong = await request(`${server.url}/api/events/send`);
  checkProblem(wrong, 405, 'GET on send');
  assert.match(wrong.headers.get('allow'), /POST/);
  const options = await request(`${server.url}/api/events/send`, { method: 'OPTIONS' });
  assert.ok(options.status < 300);
  assert.match(options.headers.get('allow'), /POST/);
  checkProblem(await request(`${server.url}/api/events/99999999`), 404, 'above the head');
  checkProblem(await request(`${server.url}/api/events/abc`), 404, 'not an id');
  checkProblem(await request(`${server.url}/api/events/register/no:such`), 404, 'no such type');
  checkProblem(await request(`${server.url}/api/events/feed/fortnight/current`), 404, 'no such slice');
  checkProblem(await request(`${server.url}/api/events/feed/hour/yesterday`), 400, 'not a time');
  checkProblem(await request(`${server.url}/api/events/feed/hour/current?limit=0`), 400, 'limit 0');
  checkProblem(await request(`${server.url}/api/events/feed/hour/current?limit=1001`), 400, 'limit 1001');
  checkProblem(await request(`${server.url}/api/events/feed/hour/current?types=a::b`), 400, 'a bad filter');
  checkProblem(await request(`${server.url}/api/events/feed/hour/current?order=up`), 400, 'a bad order');
  checkProblem(await request(`${server.url}/api/events/stream?types=a::b`), 400, 'a bad live filter');
  checkProblem(await request(`${server.url}/api/events/%zz`), 400, 'a bad escape');
  const head = await request(`${server.url}/api/events/feed/hour/current`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('streams that cannot work are refused with pointers', async () => {
  const cases = [
    [{ source: 'pigeon' }, '/streams/0/source'],
    [{ source: 'webhook' }, '/streams/0/uri'],
    [{ source: 'webhook', uri: 'ftp://x/' }, '/streams/0/uri'],
    [{ source: 'webhook', uri: 'http://x/', headers: { 'X-A': 'a\r\nB: c' } }, '/streams/0/headers'],
    [{ source: 'webhook', uri: 'http://x/', headers: { Host: 'y' } }, '/streams/0/headers'],
    [{ source: 'webhook', uri: 'http://x/', colour: 'red' }, '/streams/0/colour'],
    [{ source: 'webhook', uri: 'http://x/', order: 'random' }, '/streams/0/order'],
  ];
  for (const [stream, pointer] of cases) {
    const answer = await request(`${server.url}/api/events/register`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type: 'bad:stream', streams: [stream] }) });
    const problem = checkProblem(answer, 422, pointer);
    assert.ok(problem.errors?.some((e) => e.pointer.startsWith(pointer)), `${pointer}: ${answer.text}`);
  }
  checkProblem(await request(`${server.url}/api/events/register/bad:stream`), 404, 'nothing half-done');
});

/// Writes raw bytes and returns all that comes back until the server closes (or has answered and been quiet).
function raw(bytes, quietMs = 300) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(10_000, () => socket.destroy());
    let quiet;
    socket.on('data', (data) => {
      text += data.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.destroy(), quietMs);
    });
    socket.on('close', () => resolve(text));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
  });
}

test('requests that try to be two', async () => {
  const two = 'POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef';
  assert.match(await raw(two), /^HTTP\/1\.1 400 /);
  const both = 'POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  assert.match(await raw(both), /^HTTP\/1\.1 400 /);
  assert.match(await raw('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.match(await raw(`GET /${'y'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 (414|431) /);
});

test('pipelined requests are answered in order', async () => {
  const ask = (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const text = await raw(ask('/nowhere') + ask('/healthz') + ask('/nowhere'));
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]), ['404', '200', '404']);
});

test('the server still works after all this', async () => {
  assert.equal((await postJson(`${server.url}/api/events/send`, { type: 'e:v', payload: 1 })).status, 201);
});
