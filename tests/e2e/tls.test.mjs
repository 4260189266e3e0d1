// The public port with a certificate of its own, as curl, ws, eventsource, python3-websockets and openssl see it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCertificate } from './support/certificates.mjs';
import { launch } from './support/child.mjs';
import { eventually } from './support/eventually.mjs';
import { binary, startHeadwater } from './support/headwater.mjs';
import { closeAll, ids, openEventSource, openRaw, openSocket, untilEvents } from './support/live.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const run = promisify(execFile);
const folder = makeTempDir();
let made;
let server;
before(async () => {
  made = makeCertificate(folder);
  server = await startHeadwater({ args: ['--tls-cert', made.certificate, '--tls-key', made.key, '--live-buffer', '64KB'] });
  for (const type of ['tls:a', 'tls:b']) await curl('/api/events/register', '-X', 'PUT', '--json', JSON.stringify({ type }));
});
after(async () => {
  closeAll();
  await server?.stop();
});

/// What curl answers; rejects when it fails, a failed check of the certificate or a cut answer among that.
const curl = async (target, ...args) =>
  (await run('/usr/bin/curl', ['-sS', '--max-time', '30', '--cacert', made.certificate, ...args, server.url + target],
    { maxBuffer: 64 << 20 })).stdout;
const sendFile = async (body) => {
  const file = path.join(folder, 'body.json');
  fs.writeFileSync(file, JSON.stringify(body));
  return JSON.parse(await curl('/api/events/send', '--json', `@${file}`));
};
const send = async (type, payload = 1) => (await sendFile({ type, payload })).id;

/// The common name of the certificate that a new connection is shown.
const shownName = () => new Promise((resolve, reject) => {
  const socket = tls.connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  });
  socket.on('error', reject);
});

test('it says https when it is ready, and in its links', async () => {
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(server.opsUrl, /^http:/);
  const sent = JSON.parse(await curl('/api/events/send', '--json', '{"type":"tls:a","payload":1}'));
  assert.ok(sent.links[0].href.startsWith(`${server.url}/api/events/`), sent.links[0].href);
  assert.equal(JSON.parse(await curl(`/api/events/${sent.id}`)).id, sent.id);
});

test('curl keeps a connection for many requests, and large bodies arrive whole', async () => {
  const payload = 'x'.repeat(900_000);
  const id = await send('tls:a', payload);
  const address = `${server.url}/api/events/${id}`;
  const { stdout } = await run('/usr/bin/curl', ['-sS', '--cacert', made.certificate, '-w', '%{num_connects} ', '-o', path.join(folder, 'one'), address,
    '-o', path.join(folder, 'two'), address, '-o', path.join(folder, 'three'), address]);
  assert.deepEqual(stdout.trim().split(/\s+/), ['1', '0', '0']);
  for (const name of ['one', 'two', 'three']) {
    assert.equal(JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')).payload, payload);
  }
});

test('plain HTTP is told so', async () => {
  const { stdout } = await run('/usr/bin/curl', ['-sS', '-w', '\n%{http_code}', `${server.url.replace('https', 'http')}/healthz`]);
  assert.match(stdout, /This port speaks HTTPS\.[^]*\n400$/);
});

test('a WebSocket over TLS gets history and events, changes its filters and closes properly', async () => {
  const first = await send('tls:a', 'first');
  const live = await openSocket(server.url, `types=tls:a&since=${BigInt(first) - 1n}`, { ca: made.text });
  await untilEvents(live, 1);
  live.socket.send('{"subscribe":["tls:b"]}');
  await eventually(() => assert.equal(live.cursors.length, 1));
  const second = await send('tls:b', 'z'.repeat(300_000));
  await untilEvents(live, 2);
  assert.deepEqual(ids(live), [first, second]);
  assert.equal(live.events[1].payload.length, 300_000);
  await live.close();
  assert.equal(live.closed.code, 1000);
});

test('an EventSource over TLS gets the same', async () => {
  const live = await openEventSource(`${server.url}/api/events/stream?types=tls:a`, { https: { ca: made.text } });
  const sent = [];
  for (let i = 0; i < 20; i += 1) sent.push(await send('tls:a', i));
  await untilEvents(live, 20);
  assert.deepEqual(ids(live), sent);
});

test('many subscribers get every event, small and large, in order', async () => {
  const sockets = await Promise.all(Array.from({ length: 40 }, () => openSocket(server.url, 'types=tls:a', { ca: made.text })));
  const sent = [];
  for (let round = 0; round < 10; round += 1) {
    const batch = Array.from({ length: 50 }, (_, i) => ({ type: 'tls:a', payload: 'y'.repeat(i % 10 === 0 ? 20_000 : i) }));
    sent.push(...(await sendFile(batch)).results.map((result) => result.id));
    await Promise.all(sockets.map((live) => untilEvents(live, sent.length)));
  }
  for (const live of sockets) {
    assert.deepEqual(ids(live), sent);
    await live.close();
  }
});

test('a slow reader is closed with its cursor and resumes from it, and others are served', async () => {
  const slow = await openSocket(server.url, 'types=tls:b', { ca: made.text });
  const quick = await openSocket(server.url, 'types=tls:b', { ca: made.text });
  slow.socket._socket.pause();
  const sent = [];
  const flood = Array.from({ length: 100 }, (_, i) => ({ type: 'tls:b', payload: `${i}`.repeat(3000) }));
  await eventually(async () => {
    sent.push(...(await sendFile(flood)).results.map((result) => result.id));
    assert.match(await (await fetch(`${server.opsUrl}/metrics`)).text(), /headwater_live_closed_total\{reason="slow"\} [1-9]/);
  }, 60_000);
  slow.socket._socket.resume();
  await eventually(() => assert.ok(slow.closed));
  assert.equal(slow.closed.code, 4008);
  assert.equal(slow.events.at(-1).id, slow.closed.reason);
  await untilEvents(quick, sent.length);
  const resumed = await openSocket(server.url, `types=tls:b&since=${slow.closed.reason}`, { ca: made.text });
  await eventually(() => assert.deepEqual([...ids(slow), ...ids(resumed)], sent));
  assert.deepEqual(ids(quick), sent);
});

test('python3-websockets finds nothing wrong with it', async () => {
  const script = fileURLToPath(new URL('./support/websockets_client.py', import.meta.url));
  const since = await send('tls:a');
  const id = await send('tls:a', 'after');
  const lines = [];
  const client = launch('/usr/bin/python3', [script, `${server.url.replace('https://127.0.0.1', 'wss://localhost')}/api/events/?types=tls:a&since=${since}`,
    'events', '1', 'subscribe', 'tls:b', 'ping', 'close', '1000'],
  { env: { ...process.env, SSL_CERT_FILE: made.certificate }, onStdout: (text) => lines.push(text), onStderr: (text) => lines.push(text) });
  assert.deepEqual(await client.exited, { code: 0, signal: null }, lines.join(''));
  const told = lines.join('').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(told[1].event.id, id);
  assert.deepEqual(told.at(-1), { closed: 1000 });
});

test('SIGHUP shows new connections the new certificate, and a bad one changes nothing', async () => {
  const live = await openSocket(server.url, 'types=tls:a', { ca: made.text });
  assert.equal(await shownName(), 'localhost');
  made = makeCertificate(folder, { name: 'renewed' });
  server.signal('SIGHUP');
  await eventually(async () => assert.equal(await shownName(), 'renewed'));
  fs.writeFileSync(made.key, 'nonsense');
  server.signal('SIGHUP');
  await eventually(() => assert.match(server.stderr, /tls\.reload_failed[^]*holds no private key in PEM form/));
  assert.equal(await shownName(), 'renewed');
  const id = await send('tls:a');
  await untilEvents(live, 1);
  assert.deepEqual(ids(live), [id]);
});

test('a handshake that stands still is ended, and half-open ones do no harm', async () => {
  const half = await Promise.all(Array.from({ length: 50 }, () => openRaw(server.url)));
  for (const raw of half) raw.socket.write(Buffer.from([22, 3, 1, 2, 0, 1]));
  assert.match(await curl('/healthz'), /./);
  await eventually(() => assert.ok(half.every((raw) => raw.hasEnded)), 30_000);
});

test('it starts with one sentence for each mistake', async () => {
  const refusal = async (...args) => {
    const failed = await run(binary, ['serve', '--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0', '--data-dir', path.join(makeTempDir(), 'data'), ...args])
      .catch((error) => error);
    assert.equal(failed.code, 2, failed.stderr);
    return failed.stderr.split('\n').filter((line) => line.includes('--tls-cert'));
  };
  assert.match((await refusal('--tls-cert', made.certificate)).join(), /--tls-cert, --tls-key: one without the other/);
  assert.match((await refusal('--tls-key', made.key)).join(), /--tls-cert, --tls-key: one without the other/);
  const missing = await refusal('--tls-cert', '/nowhere/certificate.pem', '--tls-key', '/nowhere/key.pem');
  assert.equal(missing.length, 2);
  assert.match(missing[0], /cannot read '\/nowhere\/certificate\.pem': No such file/);
  const other = makeCertificate(makeTempDir());
  assert.match((await refusal('--tls-cert', other.certificate, '--tls-key', makeCertificate(makeTempDir()).key)).join(), /does not belong to/);
});

test('an expired certificate is served with a warning, RSA too', async () => {
  const old = makeTempDir();
  const expired = makeCertificate(old, { keyType: ['rsa:2048'], days: 1 });
  await run('/usr/bin/openssl', ['x509', '-in', expired.certificate, '-signkey', expired.key, '-days', '-1', '-out', expired.certificate]);
  const late = await startHeadwater({ args: ['--tls-cert', expired.certificate, '--tls-key', expired.key] });
  assert.match(late.stderr, /tls\.certificate_expired/);
  const { stdout } = await run('/usr/bin/curl', ['-sSk', `${late.url}/healthz`]);
  assert.ok(stdout);
  assert.equal(await late.stop(), 0);
});
