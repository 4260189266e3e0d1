// Several nodes over one PostgreSQL: each stream runs on one of them, and on another within seconds when that one is gone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startPostgres } from '../chaos/postgres.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';
import { closeAll, ids, openSocket, untilEvents } from './support/live.mjs';
import { eventually } from './support/eventually.mjs';

const STREAMS = 9;
let postgres;
let receiver;
const nodes = new Map();

before(async () => {
  [postgres, receiver] = await Promise.all([startPostgres(), startReceiver()]);
  for (const name of ['a', 'b', 'c']) await startNode(name);
  for (let n = 0; n < STREAMS; ++n) {
    const answer = await putJson(`${nodes.get('a').url}/api/events/register`,
      { type: type(n), streams: [{ source: 'webhook', uri: `${receiver.url}t${n}`, order: 'strict' }] });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  }
});
after(async () => {
  closeAll();
  for (const node of nodes.values()) await node.stop().catch(() => {});
  await receiver?.stop();
  await postgres?.stop();
});

const type = (n) => `nodes:t${n}`;
const databaseUrl = () => `postgresql://headwater@127.0.0.1:${postgres.port}/postgres`;

async function startNode(name) {
  const args = ['--database-url', databaseUrl(), '--node', name, '--webhook-allow', '127.0.0.0/8'];
  nodes.set(name, await startHeadwater({ args }));
}

/// Rows of the database as arrays of strings.
const sql = (query) => execFileSync('psql', [databaseUrl(), '-AtF', '|', '-c', query], { encoding: 'utf8' })
  .split('\n').filter((line) => line !== '').map((line) => line.split('|'));

/// Which node runs which stream, by n: { owner, epoch, cursor }.
function streams() {
  const rows = sql(`select substr(t.name, 8), coalesce(l.label, ''), s.epoch, s.cursor_id from headwater.streams s
    join headwater.event_types t on t.type_id = s.owner_type_id left join headwater.leases l on l.process = s.owner where t.name like 'nodes:t%'`);
  return new Map(rows.map(([n, owner, epoch, cursor]) => [Number(n), { owner, epoch: Number(epoch), cursor: BigInt(cursor) }]));
}
const owned = (name) => [...streams()].filter(([, stream]) => stream.owner === name).map(([n]) => n);

async function send(name, n, payload = {}) {
  const answer = await postJson(`${nodes.get(name).url}/api/events/send`, { type: type(n), payload });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
}
const received = (n) => receiver.requests.filter((r) => r.url === `/t${n}`).map((r) => JSON.parse(r.body).id);

/// One event for each stream, sent to these nodes in turn.
async function sendAll(names) {
  const sent = [];
  for (let n = 0; n < STREAMS; ++n) sent.push(await send(names[n % names.length], n));
  return sent;
}
const untilReceived = (sent, patience) => eventually(() => {
  for (let n = 0; n < STREAMS; ++n) assert.ok(received(n).includes(sent[n]), `event ${sent[n]} of stream ${n}`);
}, patience);

const shared = (names) => eventually(() => {
  const most = Math.ceil(STREAMS / names.length);
  for (const name of names) assert.ok(owned(name).length <= most && owned(name).length > 0, `${name} runs ${owned(name)}`);
  assert.equal(names.flatMap(owned).length, STREAMS);
}, 30_000);

test('each stream runs on one node at a time, and each node has its share', async () => {
  await shared(['a', 'b', 'c']);
  const sent = [await sendAll(['a', 'b', 'c']), await sendAll(['c', 'a', 'b'])];
  await untilReceived(sent[1], 20_000);
  for (let n = 0; n < STREAMS; ++n) assert.deepEqual(received(n), [sent[0][n], sent[1][n]], `stream ${n} came once, in order`);
});

test('events of all nodes have one order, and live subscribers of every node see it', async () => {
  const live = [];
  for (const node of nodes.values()) live.push(await openSocket(node.url, `types=${type(0)},${type(1)}`));
  const sent = await Promise.all(Array.from({ length: 90 }, (_, i) => send(['a', 'b', 'c'][i % 3], i % 2)));
  for (const one of live) await untilEvents(one, sent.length);
  const order = sent.map(BigInt).sort((x, y) => (x < y ? -1 : 1)).map(String);
  for (const one of live) assert.deepEqual(ids(one), order);
  await eventually(() => assert.ok(received(0).length + received(1).length >= sent.length), 20_000);
  closeAll();
});

test('a node that is killed hands its streams over within 10 s', async () => {
  await shared(['a', 'b', 'c']);
  const lost = owned('b');
  await nodes.get('b').kill();
  const killed = Date.now();
  const sent = await sendAll(['a', 'c']);
  await untilReceived(sent, 10_000);
  assert.ok(Date.now() - killed < 10_000, 'within 10 s');
  await shared(['a', 'c']);
  for (const n of lost) assert.notEqual(streams().get(n).owner, 'b');
  nodes.delete('b');
});

test('a node that comes gets its share', async () => {
  await startNode('d');
  await shared(['a', 'c', 'd']);
  await untilReceived(await sendAll(['d', 'a', 'c']), 20_000);
});

test('a node that was stopped for longer than its lease wakes up and cannot move a cursor', async () => {
  await shared(['a', 'c', 'd']);
  const [n] = owned('c');
  // One delivery is under way on c, and will have been answered when it wakes.
  receiver.answerWith((request) => ({ status: 200, delay: request.url === `/t${n}` && owned('c').includes(n) ? 2000 : 0 }));
  const early = await send('a', n);
  await eventually(() => assert.ok(received(n).includes(early)));
  const before_ = streams().get(n);
  nodes.get('c').signal('SIGSTOP');
  await eventually(() => assert.notEqual(streams().get(n).owner, 'c'), 15_000);
  receiver.answerWith(200);
  const late = await send('d', n);
  await eventually(() => assert.ok(received(n).includes(late)), 10_000);
  await eventually(() => assert.equal(streams().get(n).cursor >= BigInt(late), true), 10_000);
  const taken = streams().get(n);
  assert.ok(taken.epoch > before_.epoch);
  // Every cursor that is written from here on is watched.
  sql(`create table if not exists public.moves (stream_id bigint, epoch bigint, old_id bigint, new_id bigint);
    create or replace function public.watch() returns trigger language plpgsql as $$ begin
      insert into public.moves values (old.stream_id, new.epoch, old.cursor_id, new.cursor_id); return new; end $$;
    create or replace trigger watch after update of cursor_id on headwater.streams for each row execute function public.watch()`);
  nodes.get('c').signal('SIGCONT');
  await eventually(() => assert.match(nodes.get('c').stderr, /lease\.lost/), 10_000);
  const sent = await sendAll(['a', 'd']);
  await untilReceived(sent, 10_000);
  await shared(['a', 'c', 'd']);
  await untilReceived(await sendAll(['c', 'a', 'd']), 20_000);
  const wrong = sql('select * from public.moves where new_id < old_id');
  assert.deepEqual(wrong, [], 'no cursor went back');
  sql('drop trigger watch on headwater.streams');
  const all = received(n);
  assert.equal(all.filter((id) => id === late).length, 1, 'what the others had delivered was not repeated');
});

test('a node that ends gives its streams up at once', async () => {
  await shared(['a', 'c', 'd']);
  const code = await nodes.get('d').stop();
  assert.equal(code, 0);
  nodes.delete('d');
  await eventually(() => assert.equal([...streams().values()].every((stream) => ['a', 'c'].includes(stream.owner)), true), 4_000);
  const sent = await sendAll(['a', 'c']);
  await untilReceived(sent, 5_000);
});
