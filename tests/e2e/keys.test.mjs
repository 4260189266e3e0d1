// Keys as operators make them and clients use them: scopes on every route, type filters, rates, sessions.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { bearer, createKey, runKeys } from './support/keys.mjs';

const scopes = ['send', 'read', 'ack', 'register', 'rooms', 'monitors', 'admin'];
let server;
let admin;
const keyOf = {};
before(async () => {
  server = await startHeadwater({ args: ['--log-level', 'debug'] });
  assert.equal((await getJson(`${server.url}/api/events/register`)).status, 200, 'open before the first key');
  admin = await createKey(server, 'admin', '--scope', 'admin');
  await untilNeeded();
  for (const scope of scopes.slice(0, -1)) keyOf[scope] = await createKey(server, `only-${scope}`, '--scope', scope);
  keyOf.admin = admin;
  for (const type of ['a:one', 'b:one']) {
    assert.equal((await put('/api/events/register', { type }, admin)).status, 201);
  }
});
after(async () => { await server?.stop(); });

const untilNeeded = () => eventually(async () => {
  assert.equal((await getJson(`${server.url}/api/events/register`)).status, 401);
});
const untilKnown = (key) => eventually(async () => {
  assert.notEqual((await get('/api/events', key)).status, 401);
});
/// A key that the server has heard of.
async function make(name, ...args) {
  const key = await createKey(server, name, ...args);
  await untilKnown(key);
  return key;
}
const get = (path, key) => getJson(`${server.url}${path}`, key ? bearer(key) : {});
const post = (path, body, key, headers = {}) => postJson(`${server.url}${path}`, body, { ...(key ? bearer(key) : {}), ...headers });
const put = (path, body, key) => putJson(`${server.url}${path}`, body, bearer(key));

/// Every operation of the contract, and the scope that it says it needs: a name, 'everybody' or 'own'.
function operations() {
  const text = fs.readFileSync(new URL('../../schema/openapi.yaml', import.meta.url), 'utf8').split('\ncomponents:')[0];
  const found = [];
  let path;
  let method;
  for (const line of text.slice(text.indexOf('\npaths:')).split('\n')) {
    path = line.match(/^ {2}(\/\S*):$/)?.[1] ?? path;
    method = line.match(/^ {4}(get|put|post|delete|patch):$/)?.[1] ?? method;
    const security = line.match(/^ {6}security: (.*)$/)?.[1];
    if (!security) continue;
    const scope = security.match(/key: \[ (\w+) \]/)?.[1] ?? (security === '[]' ? 'everybody' : 'own');
    found.push({ path, method: method.toUpperCase(), scope });
  }
  return found;
}

function ask({ path, method }, key) {
  const address = server.url + path.replaceAll(/\{(slice)\}/g, 'hour').replaceAll(/\{\w+\}/g, '1');
  const body = method === 'GET' || method === 'DELETE' ? undefined : '{}';
  const accept = path === '/api/events/stream' ? { accept: 'text/event-stream' } : {};
  const asked = method === 'GET' && path === '/api/events/stream' ? 'HEAD' : method;
  return request(address, { method: asked, body, redirect: 'manual', headers: { 'content-type': 'application/json', ...accept, ...(key ? bearer(key) : {}) } });
}

test('every route asks for the scope that the contract names', async () => {
  const all = operations();
  assert.ok(all.length >= 45, `${all.length} operations`);
  await untilKnown(keyOf.monitors);
  for (const operation of all.filter(({ scope }) => scopes.includes(scope))) {
    const name = `${operation.method} ${operation.path}`;
    const without = await ask(operation);
    assert.equal(without.status, 401, name);
    assert.match(without.headers.get('www-authenticate'), /^Bearer /, name);
    assert.match(without.headers.get('content-type'), /problem\+json/, name);
    for (const scope of scopes) {
      const { status, text } = await ask(operation, keyOf[scope]);
      const isAllowed = scope === operation.scope || scope === 'admin';
      if (isAllowed) assert.ok(status !== 401 && status !== 403, `${name} with ${scope}: ${status} ${text}`);
      else assert.equal(status, 403, `${name} with ${scope}`);
    }
  }
});

test('what everybody may see needs no key', async () => {
  for (const operation of operations().filter(({ scope }) => scope === 'everybody')) {
    if (operation.path === '/sessions' || operation.path.includes('{')) continue;
    assert.equal((await ask(operation)).status, 200, operation.path);
  }
});

test('a key is taken from each of its places', async () => {
  for (const headers of [bearer(admin), { 'x-auth-token': admin }, { 'x-api-key': admin }]) {
    assert.equal((await getJson(`${server.url}/api/streams`, headers)).status, 200, Object.keys(headers)[0]);
  }
  assert.equal((await getJson(`${server.url}/api/streams?access_token=${admin}`)).status, 200);
});

test('an item of a type that the key may not send is refused alone', async () => {
  const key = await make('sender-a', '--scope', 'send', '--types', 'a:*');
  const batch = await post('/api/events/send', [{ type: 'a:one', payload: 1 }, { type: 'b:one', payload: 2 }, { type: 'b:unheard', payload: 3 }], key);
  assert.equal(batch.status, 207, batch.text);
  assert.deepEqual(batch.body.results.map((result) => result.status), [201, 403, 403]);
  const single = await post('/api/events/send', { type: 'b:one', payload: 2 }, key);
  assert.equal(single.status, 403);
  assert.equal(single.body.type, '/problems/forbidden');
  assert.equal(typeof single.body.error, 'string');
});

test('an Idempotency-Key is one of its API key', async () => {
  const other = await make('other-sender', '--scope', 'send');
  const key = { 'idempotency-key': 'same' };
  assert.equal((await post('/api/events/send', { type: 'a:one', payload: 1 }, admin, key)).status, 201);
  assert.equal((await post('/api/events/send', { type: 'a:one', payload: 2 }, other, key)).status, 201);
  assert.equal((await post('/api/events/send', { type: 'a:one', payload: 2 }, other, key)).status, 200);
});

test('what a key may not read is in no feed, is no event, and is not counted', async () => {
  const key = await make('reader-a', '--scope', 'read', '--types', 'a:*');
  const shown = (await post('/api/events/send', { type: 'a:one', payload: 'shown' }, admin)).body.id;
  const hidden = (await post('/api/events/send', { type: 'b:one', payload: 'hidden' }, admin)).body.id;
  await post('/api/events/send', { type: 'b:one', payload: 'hidden too' }, admin);
  for (const query of ['', '?types=a:*,b:*', '?types=b:*', '?limit=1', '?types=**']) {
    const { status, body } = await get(`/api/events/feed/hour/current${query}`, key);
    assert.equal(status, 200);
    assert.ok(body.events.every((event) => event.type === 'a:one'), query);
    if (query === '?types=b:*') assert.deepEqual(body.links.map((link) => link.rel).sort(), ['current', 'self']);
  }
  assert.ok((await get('/api/events/feed/hour/current?types=b:*', admin)).body.events.length >= 2);
  assert.equal((await get(`/api/events/${shown}`, key)).status, 200);
  const same = await get(`/api/events/${hidden}`, key);
  assert.equal(same.status, 410);
  assert.equal(same.body.detail, 'The event with this id has expired or was never kept.');
  assert.equal((await get(`/api/events/${hidden}`, admin)).status, 200);
  assert.equal((await get('/api/events/99999999', key)).status, 404);
});

test('closed pages are private once keys are on, and each key has its own', async () => {
  const key = await make('reader-b', '--scope', 'read', '--types', 'b:*');
  const range = `/api/events/feed/2020-01-01T00:00:00Z/to/${new Date().toISOString()}`;
  await eventually(async () => {
    const all = await get(range, admin);
    assert.match(all.headers.get('cache-control'), /^private, max-age=.*immutable/);
    for (const name of ['Authorization', 'X-Auth-Token', 'x-api-key']) assert.ok(all.headers.get('vary').includes(name));
    assert.ok(all.body.events.some((event) => event.type === 'a:one'));
  }, 20_000);
  const own = await get(range, key);
  assert.ok(own.body.events.length > 0 && own.body.events.every((event) => event.type === 'b:one'));
  assert.deepEqual((await get(range, key)).body, own.body);
});

test('a key registers its own types and sees no others', async () => {
  const key = await make('team-c', '--scope', 'register', '--types', 'c:*,c:**');
  const stream = { source: 'webhook', uri: 'http://127.0.0.1:9/hook' };
  assert.equal((await put('/api/events/register', { type: 'c:one', streams: [stream] }, key)).status, 201);
  assert.equal((await put('/api/events/register', { type: 'a:one' }, key)).status, 403);
  assert.deepEqual((await get('/api/events/register', key)).body.types.map(({ type }) => type), ['c:one']);
  assert.equal((await get('/api/events/register/a:one', key)).status, 403);
  assert.equal((await get('/api/events/register/c:one', key)).status, 200);
  assert.equal((await put('/api/streams/everything', { types: ['**'], ...stream }, key)).status, 403);
  assert.equal((await put('/api/streams/everything', { types: ['**'], ...stream }, admin)).status, 201);
  assert.equal((await put('/api/streams/everything', { types: ['c:*'], ...stream }, key)).status, 403, 'it is not theirs');
  assert.equal((await put('/api/streams/ours', { types: ['c:*'], ...stream }, key)).status, 201);
  const names = (await get('/api/streams', key)).body.streams.map(({ name }) => name);
  assert.equal(names.length, 2);
  assert.ok(!names.includes('everything'));
  assert.equal((await get('/api/streams/everything', key)).status, 404);
});

test('a key acknowledges its own types alone', async () => {
  const key = await make('acker-a', '--scope', 'ack', '--types', 'a:*');
  const a = (await post('/api/events/send', { type: 'a:one', payload: 'ack' }, admin)).body.id;
  const b = (await post('/api/events/send', { type: 'b:one', payload: 'ack' }, admin)).body.id;
  const left = async () => (await get('/api/events/feed/hour/current/client/shared?types=a:*,b:*', admin)).body.events.map(({ id }) => id);
  for (const id of [a, b]) assert.equal((await put(`/api/events/${id}/ok/shared`, {}, key)).status, 200);
  assert.ok(!(await left()).includes(a));
  assert.ok((await left()).includes(b));
  assert.equal((await put('/api/events/ok/shared', { through: b }, key)).status, 200);
  assert.ok((await left()).includes(b));
  assert.equal((await request(`${server.url}/api/clients/shared`, { method: 'DELETE', headers: bearer(key) })).status, 403);
});

test('a key that comes too often is told when to come again', async () => {
  const key = await make('slow', '--scope', 'read', '--rate', '5/h');
  let answer;
  for (let i = 0; i < 6; ++i) answer = await get('/api/events', key);
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers.get('retry-after')) > 60);
  assert.equal(answer.body.type, '/problems/too-many-requests');
});

test('a session carries what its key allows, and goes with it', async () => {
  const key = await make('browser', '--scope', 'read', '--types', 'a:*');
  const { status, body, headers } = await post('/sessions', { key });
  assert.equal(status, 201);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.ok(Date.parse(body.expires_at) > Date.now());
  assert.equal((await get('/api/events', body.token)).status, 200);
  assert.equal((await get('/api/streams', body.token)).status, 403);
  assert.equal((await get(`/api/events?access_token=${encodeURIComponent(body.token)}`)).status, 200);
  const bad = await post('/sessions', { key: 'hw_wrong' });
  assert.equal(bad.status, 401);
  assert.equal((await runKeys(['revoke', 'browser', '--data-dir', server.dataDir])).code, 0);
  await eventually(async () => assert.equal((await get('/api/events', body.token)).status, 401), 5_000);
});

test('a key expires by itself', async () => {
  const soon = new Date(Date.now() + 8_000).toISOString();
  const key = await make('short', '--scope', 'read', '--expires', soon);
  await eventually(async () => assert.equal((await get('/api/events', key)).status, 401), 20_000);
});

test('no secret stands in the log', async () => {
  await getJson(`${server.url}/api/streams?access_token=${admin}&x=1`);
  await eventually(() => assert.match(server.stderr, /access_token=\*\*\*&x=1/));
  for (const secret of [admin, ...Object.values(keyOf)]) assert.ok(!server.stderr.includes(secret));
});

test('guessing is slowed down, good keys are not', async () => {
  let last;
  for (let i = 0; i < 120 && last?.status !== 429; ++i) last = await get('/api/streams', `hw_guess${i}`);
  assert.equal(last.status, 429);
  assert.ok(Number(last.headers.get('retry-after')) >= 1);
  assert.equal((await get('/api/streams', admin)).status, 200);
});
