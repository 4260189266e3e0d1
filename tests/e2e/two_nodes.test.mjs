// Two nodes over one database, a third writer that is slow to commit and at times rolls back, and a transaction that stays open: whoever
// follows the log, by feed, as a consumer, by SSE or WebSocket, on either node, sees every event once and in order; also who goes away
// and comes back again and again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { databaseOf, runSql } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { closeAll, ids, openEventSource, openSocket } from './support/live.mjs';

const type = 'follow:me';
const sentByNode = 120;
const sentSlowly = 60;
const rolledBack = Math.floor(sentSlowly / 6);
let nodes = [];
before(async () => {
  const first = await startHeadwater();
  nodes = [first, await startHeadwater({ args: ['--database-url', databaseOf(first)] })];
  await putJson(`${first.url}/api/events/register`, { type });
});
after(async () => {
  closeAll();
  for (const node of nodes.reverse()) await node.stop();
});

/// What append() does, held open for a random time before it commits or, each sixth, does not.
const slowAppend = (n) => `begin; select headwater.lock_log();
  insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, payload)
  select h.last_value + 1, greatest(clock_timestamp(), headwater.from_micros(c.last_value)), 'infinity', t.type_id, t.class, false, '', '"slow ${n}"'
  from headwater.log_head h, headwater.log_clock c, headwater.event_types t where t.name = '${type}';
  select setval('headwater.log_head', e.id), setval('headwater.log_clock', headwater.to_micros(e.created_at)), pg_notify('headwater_log', '0')
  from headwater.events e, headwater.log_head h where e.id = h.last_value + 1;
  select pg_sleep(random() * 0.08); ${n % 6 === 5 ? 'rollback' : 'commit'};`;

async function sendAll(node, name) {
  const sent = [];
  for (let i = 0; i < sentByNode; ++i) {
    const answer = await postJson(`${node.url}/api/events/send`, { type, payload: `${name} ${i}` });
    assert.equal(answer.status, 201, answer.text);
    sent.push(answer.body.id);
  }
  return sent;
}

/// Follows the feed of minutes as its links say: to the end of a slice, then to the next one.
async function follow(node, begin, seen, isDone) {
  let address = `${node.url}/api/events/feed/minute/${begin}?types=${type}&order=asc`;
  for (let last = '0'; !isDone();) {
    const { status, body, text } = await getJson(`${address}&after=${last}&wait=1`);
    assert.equal(status, 200, text);
    for (const { id } of body.events) seen.push(id);
    last = seen.at(-1) ?? last;
    const link = (rel) => body.links.find((l) => l.rel === rel)?.href;
    if (!link('more') && link('next')) address = link('next');
  }
}

/// Consumes the minutes' feeds: takes what is not processed, acknowledges it, and asks again.
async function consume(node, name, begin, seen, isDone) {
  let address = `${node.url}/api/events/feed/minute/${begin}/client/${name}?types=${type}&order=asc&limit=7`;
  while (!isDone()) {
    const { status, body, text } = await getJson(address);
    assert.equal(status, 200, text);
    const ids = body.events.map((e) => e.id);
    seen.push(...ids);
    if (ids.length > 0) {
      const answer = await putJson(`${node.url}/api/events/ok/${name}`, seen.length % 2 === 0 ? { ids } : { through: ids.at(-1) });
      assert.equal(answer.status, 200, answer.text);
    }
    const next = body.links.find((l) => l.rel === 'next')?.href;
    if (ids.length === 0 && next) address = next;
  }
}

/// A subscriber that closes its socket after some events and resumes where it was, on either node in turn.
async function comeBack(since, seen, hasAll) {
  for (let turn = 0, last = since; !hasAll(seen.length); ++turn) {
    const live = await openSocket(nodes[turn % nodes.length].url, `types=${type}&since=${last}`);
    await eventually(() => assert.ok(live.events.length > 10 || hasAll(seen.length + live.events.length), 'waits for events'), 60_000);
    await live.close();
    assert.equal(live.start.recovered, true);
    seen.push(...ids(live));
    last = seen.at(-1) ?? last;
  }
}

test('nobody misses an event or sees it out of its order', async () => {
  const begin = `${new Date().toISOString().slice(0, 17)}00.000Z`;
  let isDone = false;
  let total = Infinity;
  const views = [];
  const followers = [];
  const [returning, { cursor }] = [[], (await openSocket(nodes[0].url, `types=${type}`)).start];
  views.push(['who comes back', () => returning]);
  followers.push(comeBack(cursor, returning, (count) => count >= total));
  for (const [i, node] of nodes.entries()) {
    const source = await openEventSource(`${node.url}/api/events/stream?types=${type}`);
    const socket = await openSocket(node.url, `types=${type}`);
    const [feed, consumed] = [[], []];
    views.push([`event stream ${i}`, () => ids(source)], [`socket ${i}`, () => ids(socket)], [`feed ${i}`, () => feed],
      [`consumer ${i}`, () => consumed]);
    followers.push(follow(node, begin, feed, () => isDone), consume(node, `consumer${i}`, begin, consumed, () => isDone));
  }

  const open = runSql(nodes[0], ['begin isolation level repeatable read; create temporary table t (x int); '
    + 'select count(*) from headwater.events; select pg_sleep(6); select count(*) from headwater.events; commit']);
  const [one, two] = await Promise.all([
    sendAll(nodes[0], 'first'), sendAll(nodes[1], 'second'),
    runSql(nodes[0], Array.from({ length: sentSlowly }, (unused, n) => slowAppend(n))),
  ]);
  await open;
  total = one.length + two.length + sentSlowly - rolledBack;
  try {
    await eventually(() => {
      for (const [name, view] of views) {
        if (view() !== returning) assert.ok(view().length >= total, `${name}: ${view().length} of ${total}`);
      }
    });
  } finally {
    isDone = true;
    await Promise.all(followers);
  }
  const expected = [...views[1][1]()];
  assert.equal(expected.length, total);
  assert.deepEqual(expected, [...new Set(expected)].sort((a, b) => Number(a) - Number(b)), 'in order, each once');
  for (const id of [...one, ...two]) assert.ok(expected.includes(id), id);
  for (const [name, view] of views) assert.deepEqual(view(), expected, name);
});
