// Rooms: the examples of docs/rooms.md as they stand, the sentences that clients know, and two nodes over one database.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { startAcl } from './support/acl.mjs';
import { launch } from './support/child.mjs';
import { databaseOf, runSql } from './support/database.mjs';
import { closeStreams, openStream, untilMessages } from './support/event_stream.mjs';
import { eventually } from './support/eventually.mjs';
import { check, examplesIn } from './support/examples.mjs';
import { freePort } from './support/free_port.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { bearer, createKey } from './support/keys.mjs';

const doc = new URL('../../docs/rooms.md', import.meta.url);
const examples = examplesIn('docs/rooms.md', 'rooms.test.mjs');

let acl;
let a; // runs the private PostgreSQL
let b; // another node over it
before(async () => {
  acl = await startAcl();
  a = await startHeadwater();
  b = await startNode();
  await makeNamespace('chat');
  await makeNamespace('other');
});
after(async () => {
  closeStreams();
  await b?.stop();
  await a?.stop();
  await acl?.stop();
});

const startNode = (args = ['--webhook-allow', '127.0.0.0/8']) =>
  startHeadwater({ args: ['--database-url', databaseOf(a), ...args] });

async function makeNamespace(name, more = {}) {
  const { status, body } = await putJson(`${a.url}/api/namespaces/${name}`, { acl_url: acl.url, ...more });
  assert.ok(status === 201 || status === 200, JSON.stringify(body));
  return body;
}
const as = (user) => ({ authorization: `Bearer ${user}` });
const subscription = (node, user, room, method = 'GET', space = 'chat') =>
  request(`${node.url}/subscriptions/${space}/${encodeURIComponent(room)}`, { method, headers: as(user) });
async function enter(node, user, room, space = 'chat') {
  const { status, text } = await subscription(node, user, room, 'GET', space);
  assert.equal(status, 200, text);
}
async function leave(node, user, room, space = 'chat') {
  assert.equal((await subscription(node, user, room, 'DELETE', space)).status, 200);
}
async function publish(node, room, event, data = null, more = {}, space = 'chat') {
  const { status, body } = await postJson(`${node.url}/publish/${space}/${encodeURIComponent(room)}`, { event, data, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}
const revoke = (node, user, room, space = 'chat') =>
  request(`${node.url}/acl/${space}/${encodeURIComponent(room)}/${encodeURIComponent(user)}`, { method: 'DELETE' });
const feed = (node, user, { query = '', headers = {}, names = [] } = {}) =>
  openStream(`${node.url}/feed${query}`, { headers: { ...as(user), ...headers }, names });
const idsOf = (stream) => stream.messages.map((message) => message.id);

/// The sentence of an error, which must be a whole problem.
function sentenceOf({ status, text, headers }) {
  assert.match(headers.get('content-type'), /application\/problem\+json/);
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  assert.equal(problem.detail, problem.error);
  assert.match(problem.type, /^\/problems\//);
  return `${status} ${problem.error}`;
}

// ---- the documentation

test('the examples have been found', () => assert.ok(examples.length >= 9, `${examples.length} examples`));
test('the examples of the documentation', async (t) => {
  const port = await freePort();
  const [, program] = fs.readFileSync(doc, 'utf8').match(/runs this service -->\n```sh\npython3 -c '\n([^]*?)' &\n```/);
  const service = launch('python3', ['-c', program.replace('9000', String(port))]);
  const server = await startHeadwater();
  try {
    await eventually(() => request(`http://127.0.0.1:${port}/`));
    const addresses = [['http://127.0.0.1:8080', server.url], ['http://127.0.0.1:9000', `http://127.0.0.1:${port}`]];
    for (const example of examples) await t.test(example.command.split('\n')[0], () => check(example, addresses));
  } finally {
    service.kill('SIGKILL');
    await server.stop();
  }
});

// ---- what clients know by heart

test('the sentences of the contract', async () => {
  const at = (path, options) => request(`${a.url}${path}`, options);
  const json = { 'content-type': 'application/json' };
  const says = async (path, options, sentence) => assert.equal(sentenceOf(await at(path, options)), sentence, path);
  await says('/publish/chat/lobby', {}, '405 Use POST to publish an event');
  await says('/publish/chat/lobby', { method: 'POST', body: 'event=x' }, '422 Expected application/json');
  await says('/publish/chat/lobby', { method: 'POST', body: '{}', headers: { 'content-type': 'text/json' } }, '422 Expected application/json');
  await says('/publish/nowhere/lobby', { method: 'POST', body: '{"event":"x"}', headers: json }, '404 Unknown namespace');
  await says('/feed', {}, '401 No Authorization header');
  await says('/feed', { method: 'POST', headers: as('bob') }, '405 Use GET to receive event stream');
  await says('/subscriptions/chat/lobby', {}, '401 Log in');
  await says('/subscriptions/nowhere/lobby', { headers: as('bob') }, '404 Unknown namespace');
  await says('/subscriptions/chat/lobby', { method: 'POST', headers: as('bob') }, '405 Use GET to subscribe and DELETE to unsubscribe');
  await says('/acl/nowhere/lobby/bob', { method: 'DELETE' }, '404 Unknown namespace');
  const { headers } = await at('/feed', { method: 'PUT' });
  assert.match(headers.get('allow'), /GET/);
  assert.match((await at('/feed')).headers.get('www-authenticate'), /Bearer/);
});

test('what the service answers decides, and nothing is as bad as a no', async () => {
  const answers = { 200: '200', 204: '200', 401: '401 Log in', 403: '401 Log in', 404: '404 Unknown room', 500: '500 Try again later',
    302: '500 Try again later', 201: '500 Try again later', hang: '500 Try again later' };
  for (const [answer, expected] of Object.entries(answers)) {
    acl.answer = () => (answer === 'hang' ? 'hang' : Number(answer));
    const got = await subscription(a, 'carl', `room of ${answer}`);
    if (expected === '200') assert.equal(got.status, 200, got.text);
    else assert.equal(sentenceOf(got), expected, `for ${answer}`);
  }
  acl.answer = () => 204;
  assert.ok(acl.asked.includes('/acl/chat/room%20of%20302/carl'));
  assert.ok(!acl.asked.includes('/elsewhere'), 'a redirect is not followed');
  const rows = await runSql(a, ["select room from headwater.room_subscriptions where user_name = 'carl' order by room"]);
  assert.deepEqual(rows, ['room of 200', 'room of 204']);
});

test('a service that is gone, or stands where nobody may reach, lets nobody in', async () => {
  const gone = await startAcl();
  await makeNamespace('gone', { acl_url: gone.url });
  await gone.stop();
  assert.equal(sentenceOf(await subscription(a, 'bob', 'x', 'GET', 'gone')), '500 Try again later');
  const strict = await startNode([]);
  const before_ = acl.asked.length;
  assert.equal(sentenceOf(await subscription(strict, 'bob', 'guarded')), '500 Try again later');
  assert.equal(acl.asked.length, before_, 'the loopback service was not even asked');
  await strict.stop();
});

test('a permission is remembered, and forgotten when it is revoked, on every node', async () => {
  const asked = () => acl.asked.filter((path) => path.endsWith('/memory/dora')).length;
  await enter(a, 'dora', 'memory');
  await leave(a, 'dora', 'memory');
  await enter(a, 'dora', 'memory');
  assert.equal(asked(), 1);
  await enter(b, 'dora', 'memory');
  assert.equal(asked(), 2, 'the other node asks for itself');
  assert.equal((await revoke(a, 'dora', 'memory')).status, 200);
  acl.answer = (path) => (path.endsWith('/dora') ? 403 : 204);
  assert.equal((await subscription(a, 'dora', 'memory')).status, 401);
  assert.equal((await subscription(b, 'dora', 'memory')).status, 401, 'an old permission does not help');
  acl.answer = () => 204;
});

test('mistakes in messages and namespaces are named', async () => {
  const { status, body } = await postJson(`${a.url}/publish/chat/lobby`, { data: 1, acl: ['a', 5], extra: 1 });
  assert.equal(status, 422);
  assert.deepEqual(body.errors.map((error) => error.pointer), ['/extra']);
  const second = await postJson(`${a.url}/publish/chat/lobby`, { event: '', acl: ['a', 5] });
  assert.deepEqual(second.body.errors.map((error) => error.pointer).sort(), ['/acl', '/event']);
  assert.equal((await postJson(`${a.url}/publish/chat/lobby`, '{"event":')).status, 400);
  assert.equal((await postJson(`${a.url}/publish/chat/lobby`, { event: 'x', data: 'x'.repeat(2 << 20) })).status, 413);
  for (const [bad, pointer] of [[{ acl_url: 'ftp://x' }, '/acl_url'], [{ acl_url: 'http://u:p@x' }, '/acl_url'], [{ acl_url: 'http://x?y' }, '/acl_url'],
    [{ acl_url: acl.url, history: 'soon' }, '/history'], [{ acl_url: acl.url, jwt: { alg: 'none' } }, '/jwt/alg'],
    [{ acl_url: acl.url, jwt: { alg: 'HS256', secret: 'short' } }, '/jwt/secret'], [{ acl_url: acl.url, jwt: { alg: 'RS256', public_key: 'x' } }, '/jwt/public_key']]) {
    const answer = await putJson(`${a.url}/api/namespaces/bad`, bad);
    assert.equal(answer.status, 422, JSON.stringify(bad));
    assert.deepEqual(answer.body.errors.map((error) => error.pointer), [pointer]);
  }
  assert.equal((await getJson(`${a.url}/api/namespaces/bad`)).status, 404);
  assert.equal((await putJson(`${a.url}/api/namespaces/a:b`, { acl_url: acl.url })).status, 422);
});

test('the types of rooms belong to their namespaces', async () => {
  const remove = (type) => request(`${a.url}/api/events/register/${type}`, { method: 'DELETE' });
  assert.equal((await remove('room:chat')).status, 422);
  assert.equal((await remove('headwater:room-access')).status, 422);
  assert.equal((await putJson(`${a.url}/api/events/register`, { type: 'headwater:room-access', ttl: 'ephemeral' })).status, 422);
  assert.equal((await postJson(`${a.url}/api/events/send`, { type: 'room:chat', payload: {} })).status, 422);
  const { body } = await getJson(`${a.url}/api/events/register/room:chat`);
  assert.equal(body.ttl, '5minutes');
});

// ---- feeds

test('one connection brings all rooms of a user, from every node, in order', async () => {
  for (const room of ['one', 'two', 'Größe 3/4']) await enter(a, 'fred', room);
  await enter(b, 'fred', 'one', 'other');
  const streams = [await feed(a, 'fred'), await feed(b, 'fred')];
  const sent = [];
  for (let i = 0; i < 40; ++i) {
    const room = ['one', 'two', 'Größe 3/4', 'not his'][i % 4];
    const id = await publish(i % 2 ? a : b, room, 'counted', { i, text: 'a\nb' });
    if (room !== 'not his') sent.push(id);
    if (i % 10 === 0) sent.push(await publish(a, 'one', 'elsewhere', i, {}, 'other'));
  }
  for (const stream of streams) {
    await untilMessages(stream, sent.length);
    assert.deepEqual(idsOf(stream), sent);
    assert.deepEqual(stream.messages[0], { id: sent[0], name: 'message', data: { namespace: 'chat', room: 'one', event: 'counted', data: { i: 0, text: 'a\nb' } } });
    assert.deepEqual(stream.messages[1].data, { namespace: 'other', room: 'one', event: 'elsewhere', data: 0 });
  }
});

test('names are given to those who ask for them', async () => {
  await enter(a, 'gina', 'named');
  const stream = await feed(a, 'gina', { query: '?named=true', names: ['task status changed'] });
  await publish(a, 'named', 'task status changed', { task: 1 });
  await untilMessages(stream, 1);
  assert.equal(stream.messages[0].name, 'task status changed');
  assert.equal(stream.messages[0].data.event, 'task status changed');
});

test('a browser shows its token in the address', async () => {
  await enter(a, 'hugo', 'browser');
  const stream = await openStream(`${a.url}/feed?access_token=hugo`);
  await publish(a, 'browser', 'x');
  await untilMessages(stream, 1);
});

test('data comes as it was sent, line ends in it too', async () => {
  await enter(a, 'ida', 'bytes');
  const stream = await feed(a, 'ida');
  const raw = '{ "event": "x", "data": {\n  "n": 1.50,\r\n  "big": 12345678901234567890123, "e": "\\u0000é" } }';
  assert.equal((await postJson(`${a.url}/publish/chat/bytes`, raw)).status, 201);
  await untilMessages(stream, 1);
  assert.equal(stream.messages[0].data.data.n, 1.5);
  assert.equal(stream.messages[0].data.data.e, '\u0000é');
});

test('only those who are named get a message', async () => {
  for (const user of ['jack', 'jill']) await enter(a, user, 'hill');
  const [jack, jill] = [await feed(a, 'jack'), await feed(b, 'jill')];
  await publish(a, 'hill', 'secret', 1, { acl: ['jill', 'somebody'] });
  await publish(a, 'hill', 'nobody', 2, { acl: [] });
  await publish(b, 'hill', 'open', 3);
  await untilMessages(jill, 2);
  await untilMessages(jack, 1);
  assert.deepEqual(jack.messages.map((m) => m.data.event), ['open']);
  assert.deepEqual(jill.messages.map((m) => m.data.event), ['secret', 'open']);
  const again = await feed(a, 'jack', { query: '?since=beginning' });
  await eventually(() => assert.ok(again.messages.some((m) => m.data.event === 'open')));
  assert.ok(!again.messages.some((m) => m.data.event === 'secret'), 'nor later, from history');
});

test('a subscription that is made while the feed is open starts at once, on the other node too', async () => {
  const streams = [await feed(a, 'kate'), await feed(b, 'kate')];
  const sent = [];
  for (let i = 0; i < 30; ++i) {
    await enter(i % 2 ? a : b, 'kate', `room ${i}`);
    sent.push(await publish(i % 3 ? b : a, `room ${i}`, 'x', i));
  }
  for (const stream of streams) {
    await untilMessages(stream, sent.length);
    assert.deepEqual(idsOf(stream), sent);
  }
  await leave(a, 'kate', 'room 3');
  await publish(b, 'room 3', 'late');
  sent.push(await publish(b, 'room 4', 'x'));
  for (const stream of streams) {
    await untilMessages(stream, sent.length);
    assert.deepEqual(idsOf(stream), sent);
  }
});

test('a revocation under load ends delivery on every node, and for nobody else', async () => {
  for (const user of ['lena', 'luke']) await enter(a, user, 'busy');
  await enter(a, 'lena', 'quiet');
  const [lenaA, lenaB, luke] = [await feed(a, 'lena'), await feed(b, 'lena'), await feed(b, 'luke')];
  let isOver = false;
  const sent = [];
  const load = Promise.all([a, b].map(async (node) => {
    while (!isOver) sent.push(await publish(node, 'busy', 'x'));
  }));
  await untilMessages(luke, 50);
  assert.equal((await revoke(a, 'lena', 'busy')).status, 200);
  const then = sent.length;
  await eventually(() => assert.ok(sent.length > then + 200), 30_000);
  isOver = true;
  await load;
  const quiet = await publish(a, 'quiet', 'after all of it');
  const { body } = await getJson(`${a.url}/api/events/feed/hour/current?types=headwater:room-access&subject=lena&order=asc`);
  const revoked = body.events.find((event) => event.payload.change === 'revoked').id;
  const inOrder = (ids) => [...ids].sort((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1));
  const expected = [...inOrder(sent).filter((id) => BigInt(id) < BigInt(revoked)), quiet];
  for (const stream of [lenaA, lenaB]) {
    await eventually(() => assert.equal(idsOf(stream).at(-1), quiet));
    assert.deepEqual(idsOf(stream), expected, 'all before the revocation, none behind it');
  }
  await untilMessages(luke, sent.length);
  assert.deepEqual(idsOf(luke), inOrder(sent));
});

test('Last-Event-ID resumes after a node was killed: no gap, no repeat', async () => {
  for (const room of ['x', 'y']) await enter(a, 'mona', room);
  let node = await startNode();
  const stream = await feed(node, 'mona');
  let isOver = false;
  const sent = [];
  const load = (async () => {
    for (let i = 0; !isOver; ++i) sent.push(await publish(a, 'xyz'[i % 3], 'n', i));
  })();
  await untilMessages(stream, 20);
  await node.kill();
  stream.close();
  const first = idsOf(stream);
  const then = sent.length;
  await eventually(() => assert.ok(sent.length > then + 30));
  node = await startNode();
  const rest = await feed(node, 'mona', { headers: { 'Last-Event-ID': first.at(-1) } });
  await untilMessages(rest, 20);
  isOver = true;
  await load;
  const expected = sent.filter((_, i) => i % 3 !== 2);
  await untilMessages(rest, expected.length - first.length);
  assert.deepEqual([...first, ...idsOf(rest)], expected);
  await node.stop();
});

test('history is as long as the namespace says, and a gap is told', async () => {
  assert.equal((await makeNamespace('brief', { history: '1second' })).history, '1second');
  await enter(a, 'nora', 'x', 'brief');
  const old = await publish(a, 'x', 'old', 1, {}, 'brief');
  await eventually(async () => assert.equal((await request(`${a.url}/api/events/${old}`)).status, 410));
  const young = await publish(a, 'x', 'young', 2, {}, 'brief');
  const stream = await feed(a, 'nora', { headers: { 'Last-Event-ID': String(BigInt(old) - 1n) }, names: ['gap'] });
  await untilMessages(stream, 2);
  assert.equal(stream.messages[0].name, 'gap');
  assert.equal(stream.messages[1].id, young);
});

test('an ephemeral history is live alone', async () => {
  await makeNamespace('passing', { history: 'ephemeral' });
  await enter(a, 'otto', 'x', 'passing');
  const stream = await feed(b, 'otto');
  await publish(a, 'x', 'now', 1, {}, 'passing');
  await untilMessages(stream, 1);
});

test('a namespace that goes takes its subscriptions along', async () => {
  await makeNamespace('going');
  await enter(a, 'pete', 'x', 'going');
  await enter(a, 'pete', 'stays');
  const stream = await feed(b, 'pete');
  await publish(a, 'x', 'before', 1, {}, 'going');
  await untilMessages(stream, 1);
  assert.equal((await request(`${a.url}/api/namespaces/going`, { method: 'DELETE' })).status, 200);
  assert.equal(sentenceOf(await subscription(b, 'pete', 'x', 'GET', 'going')), '404 Unknown namespace');
  await makeNamespace('going');
  await publish(a, 'x', 'not for him', 2, {}, 'going');
  await publish(a, 'stays', 'for him');
  await untilMessages(stream, 2);
  assert.deepEqual(stream.messages.map((m) => m.data.event), ['before', 'for him']);
});

test('HEAD changes nothing', async () => {
  assert.equal((await subscription(a, 'quin', 'x', 'HEAD')).status, 200);
  assert.deepEqual(await runSql(a, ["select count(*) from headwater.room_subscriptions where user_name = 'quin'"]), ['0']);
});

// ---- JSON Web Tokens

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signWith = (sign) => (claims, header) => {
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
};
const hs256 = (secret) => (claims, header = { alg: 'HS256', typ: 'JWT' }) =>
  signWith((text) => crypto.createHmac('sha256', secret).update(text).digest())(claims, header);
const inFuture = (seconds) => Math.floor(Date.now() / 1000) + seconds;

test('a token of the namespace says who the user is, there and nowhere else', async () => {
  const secret = 'the secret of the jwt namespace, 32 bytes';
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const shown = await makeNamespace('hs', { jwt: { alg: 'HS256', secret, issuer: 'me', audience: 'rooms' } });
  assert.deepEqual(shown.jwt, { alg: 'HS256', issuer: 'me', audience: 'rooms' });
  await makeNamespace('rs', { jwt: { alg: 'RS256', public_key: publicKey } });
  const good = { sub: 'rosa', iss: 'me', aud: 'rooms', exp: inFuture(600), nbf: inFuture(-60) };
  const token = hs256(secret)(good);
  const rs256 = (claims, header = { alg: 'RS256' }) => signWith((text) => crypto.sign('sha256', Buffer.from(text), privateKey))(claims, header);
  await enter(a, token, 'lobby', 'hs');
  await enter(b, rs256({ sub: 'rosa' }), 'lobby', 'rs');
  assert.ok(acl.asked.includes('/acl/hs/lobby/rosa'));

  const refused = (bad, space = 'hs') => subscription(a, bad, 'lobby', 'GET', space).then((answer) => assert.equal(sentenceOf(answer), '401 Log in'));
  await refused(hs256(secret)({ ...good, exp: inFuture(-1) }));
  await refused(hs256(secret)({ ...good, nbf: inFuture(60) }));
  await refused(hs256(secret)({ ...good, iss: 'you' }));
  await refused(hs256(secret)({ ...good, aud: 'others' }));
  await refused(hs256('another secret of more than 32 bytes!')(good));
  await refused(hs256(secret)(good, { alg: 'HS512' }));
  await refused(`${base64url({ alg: 'none' })}.${base64url(good)}.`);
  await refused(hs256(publicKey)({ sub: 'rosa' }, { alg: 'HS256' }), 'rs');
  await refused(hs256(publicKey)({ sub: 'rosa' }, { alg: 'RS256' }), 'rs');
  await refused(rs256({ sub: 'rosa' }), 'hs');
  await refused(token, 'rs');
  await refused('rosa');
  await refused(token, 'chat');

  await enter(a, 'rosa', 'lobby');
  const ours = await feed(a, token);
  const anybody = await feed(a, 'rosa');
  await publish(a, 'lobby', 'in rs', 1, {}, 'rs');
  await publish(a, 'lobby', 'in chat');
  await publish(a, 'lobby', 'in hs', 1, {}, 'hs');
  await untilMessages(ours, 1);
  await untilMessages(anybody, 1);
  assert.deepEqual(ours.messages.map((m) => m.data.event), ['in hs']);
  assert.deepEqual(anybody.messages.map((m) => m.data.event), ['in chat'], 'a name opens no namespace that asks for tokens');
  const kept = await makeNamespace('hs', { jwt: { alg: 'HS256', issuer: 'me' } });
  assert.deepEqual(kept.jwt, { alg: 'HS256', issuer: 'me' });
  await enter(a, token, 'attic', 'hs');
});

test('a feed ends with its token', async () => {
  const secret = 'the secret of the brief namespace, 32 bytes';
  await makeNamespace('expiring', { jwt: { alg: 'HS256', secret } });
  const stream = await feed(a, hs256(secret)({ sub: 'sam', exp: inFuture(2) }));
  await eventually(() => assert.ok(stream.failures.includes(401), 'it ends, comes back and is refused'), 20_000);
});

// ---- many

test('a thousand rooms of one user among a hundred thousand subscriptions', async () => {
  await runSql(a, [
    "insert into headwater.room_subscriptions (user_name, namespace_id, room) select 'user ' || n % 2000, namespace_id, 'r' || n / 40 "
      + "from headwater.namespaces, generate_series(1, 100000) n where name = 'chat' on conflict do nothing",
    "insert into headwater.room_subscriptions (user_name, namespace_id, room) select 'tom', namespace_id, 'r' || n "
      + "from headwater.namespaces, generate_series(1, 1000) n where name = 'chat' on conflict do nothing"]);
  const stream = await feed(a, 'tom');
  const sent = [];
  for (let i = 1; i <= 100; ++i) sent.push(await publish(b, `r${i * 10}`, 'x', i));
  await publish(b, 'r2001', 'not his');
  await untilMessages(stream, sent.length);
  assert.deepEqual(idsOf(stream), sent);
  const again = await feed(b, 'tom', { headers: { 'Last-Event-ID': sent[9] } });
  await untilMessages(again, 90);
  assert.deepEqual(idsOf(again), sent.slice(10));
});

// ---- keys; last, since they close the server for names that anybody may give themselves

test('with keys the user is the name of the key, and what is for services needs the scope', async () => {
  const secret = 'the secret of the keyed namespace, 32 bytes!';
  await makeNamespace('keyed', { jwt: { alg: 'HS256', secret } });
  const unknown = await feed(a, 'vera');
  const service = bearer(await createKey(a, 'service', '--scope', 'rooms'));
  const vera = bearer(await createKey(a, 'vera', '--scope', 'read'));
  const limited = bearer(await createKey(a, 'limited', '--scope', 'rooms', '--types', 'room:other'));
  await eventually(() => assert.ok(unknown.failures.includes(401), 'who came without a key is ended, and refused'));
  const at = (node, path, headers, method = 'GET') => request(`${node.url}${path}`, { method, headers });
  for (const headers of [service, vera, limited])
    await eventually(async () => assert.notEqual((await at(b, '/subscriptions/chat/keys', headers)).status, 401));
  assert.equal((await at(a, '/subscriptions/chat/keys', as('vera'))).status, 401);
  const say = (node, headers, space = 'chat') => postJson(`${node.url}/publish/${space}/keys`, { event: 'x' }, headers);
  assert.equal((await say(a, {})).status, 401);
  assert.equal((await say(a, vera)).status, 403);
  assert.equal((await say(a, limited)).status, 403);
  assert.equal((await say(a, limited, 'other')).status, 201);
  assert.equal((await at(a, '/api/namespaces/chat', vera)).status, 403);
  assert.equal((await at(a, '/acl/chat/keys/vera', vera, 'DELETE')).status, 403);

  const token = hs256(secret)({ sub: 'wanda' });
  assert.equal((await at(a, '/subscriptions/keyed/keys', bearer(token))).status, 200);
  assert.equal((await at(a, '/subscriptions/chat/keys', bearer(token))).status, 401);
  const [hers, wandas] = [await openStream(`${a.url}/feed`, { headers: vera }), await openStream(`${b.url}/feed`, { headers: bearer(token) })];
  const { body } = await say(b, service);
  assert.equal((await say(a, service, 'keyed')).status, 201);
  await untilMessages(hers, 1);
  await untilMessages(wandas, 1);
  assert.deepEqual(idsOf(hers), [body.id]);
  assert.equal(wandas.messages[0].data.namespace, 'keyed');
  assert.equal((await at(a, '/acl/chat/keys/vera', service, 'DELETE')).status, 200);
});
