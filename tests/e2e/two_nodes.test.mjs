// Two nodes over one database, a third writer that is slow to commit, and a transaction that stays open: whoever follows the log,
// by feed, SSE or WebSocket, on either node, sees every event once and in order.
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

/// What append() does, held open for a random time before it commits.
const slowAppend = (n) => `begin; select headwater.lock_log();
  insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, payload)
  select h.last_value + 1, greatest(clock_timestamp(), headwater.from_micros(c.last_value)), 'infinity', t.type_id, t.class, false, '', '"slow ${n}"'
  from headwater.log_head h, headwater.log_clock c, headwater.event_types t where t.name = '${type}';
  select setval('headwater.log_head', e.id), setval('headwater.log_clock', headwater.to_micros(e.created_at)), pg_notify('headwater_log', '0')
  from headwater.events e, headwater.log_head h where e.id = h.last_value + 1;
  select pg_sleep(random() * 0.08); commit;`;

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

test('nobody misses an event or sees it out of its order', async () => {
  const begin = `${new Date().toISOString().slice(0, 17)}00.000Z`;
  let isDone = false;
  const views = [];
  const followers = [];
  for (const [i, node] of nodes.entries()) {
    const source = await openEventSource(`${node.url}/api/events/stream?types=${type}`);
    const socket = await openSocket(node.url, `types=${type}`);
    const feed = [];
    views.push([`event stream ${i}`, () => ids(source)], [`socket ${i}`, () => ids(socket)], [`feed ${i}`, () => feed]);
    followers.push(follow(node, begin, feed, () => isDone));
  }

  const open = runSql(nodes[0], ['begin isolation level repeatable read; create temporary table t (x int); '
    + 'select count(*) from headwater.events; select pg_sleep(6); select count(*) from headwater.events; commit']);
  const [one, two] = await Promise.all([
    sendAll(nodes[0], 'first'), sendAll(nodes[1], 'second'),
    runSql(nodes[0], Array.from({ length: sentSlowly }, (unused, n) => slowAppend(n))),
  ]);
  await open;
  const total = one.length + two.length + sentSlowly;
  try {
    await eventually(() => {
      for (const [name, view] of views) assert.ok(view().length >= total, `${name}: ${view().length} of ${total}`);
    });
  } finally {
    isDone = true;
    await Promise.all(followers);
  }
  const expected = [...views[0][1]()];
  assert.equal(expected.length, total);
  assert.deepEqual(expected, [...new Set(expected)].sort((a, b) => Number(a) - Number(b)), 'in order, each once');
  for (const id of [...one, ...two]) assert.ok(expected.includes(id), id);
  for (const [name, view] of views) assert.deepEqual(view(), expected, name);
});
