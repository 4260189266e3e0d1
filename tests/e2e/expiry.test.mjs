// The second an event expires it is gone from every answer, though its partition stays a while.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runSql } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { closeAll, ids, openSocket, untilEvents } from './support/live.mjs';
import { startReceiver } from './support/receiver.mjs';

const seconds = 3;
let server;
before(async () => { server = await startHeadwater({ args: ['--webhook-allow', '127.0.0.0/8'] }); });
after(async () => { closeAll(); await server?.stop(); });

const send = async (type, payload) => (await postJson(`${server.url}/api/events/send`, { type, payload })).body;
const register = (type, ttl) => putJson(`${server.url}/api/events/register`, { type, ttl });
const idsOf = (body) => body.events.map((e) => e.id);
const expiryOf = (event) => Date.parse(event.created_at) + seconds * 1000;
async function untilExpired(event) {
  await eventually(async () => {
    const [left] = await runSql(server, [`select timestamptz '${event.created_at}' + interval '${seconds} seconds' > clock_timestamp()`]);
    assert.equal(left, 'f');
  });
}

test('an expired event is gone from feeds, from its own address and from resume, while its row is still there', async () => {
  await register('soon:gone', `${seconds}seconds`);
  await register('soon:kept', 'permanent');
  const kept = await send('soon:kept', 'first');
  const gone = await send('soon:gone', 'second');
  const last = await send('soon:kept', 'third');
  const feed = (more = '') => `${server.url}/api/events/feed/day/current${more}?types=soon:*&order=asc`;
  assert.deepEqual(idsOf((await getJson(feed())).body), [kept.id, gone.id, last.id]);
  assert.deepEqual(idsOf((await getJson(feed('/client/c'))).body), [kept.id, gone.id, last.id]);
  assert.equal((await request(`${server.url}/api/events/${gone.id}`)).status, 200);
  const early = await openSocket(server.url, 'types=soon:*&since=beginning');
  await untilEvents(early, 3);

  await untilExpired(gone);
  assert.deepEqual(idsOf((await getJson(feed())).body), [kept.id, last.id]);
  assert.deepEqual(idsOf((await getJson(feed('/client/c'))).body), [kept.id, last.id]);
  const answer = await request(`${server.url}/api/events/${gone.id}`);
  assert.equal(answer.status, 410, answer.text);
  assert.ok(Date.now() < expiryOf(gone) + 5000, 'not much later');
  const late = await openSocket(server.url, 'types=soon:*&since=beginning');
  await untilEvents(late, 2);
  assert.deepEqual(ids(late), [kept.id, last.id]);
  assert.equal((await request(`${server.url}/api/events/${gone.id}/ok/c`, { method: 'PUT' })).status, 200, 'acknowledging goes on');
  assert.deepEqual(await runSql(server, [`select count(*) from headwater.events where id = ${gone.id}`]), ['1']);
});

test('a closed page leaves the cache with its first event', async () => {
  await register('cached:soon', `${seconds}seconds`);
  const sent = await send('cached:soon', 'x');
  const end = new Date(Date.parse(sent.created_at) + 1).toISOString();
  const address = `${server.url}/api/events/feed/${sent.created_at}/to/${end}?types=cached:soon`;
  await eventually(async () => assert.match((await request(address)).headers.get('cache-control'), /max-age=[12], immutable/));
  await untilExpired(sent);
  assert.deepEqual(idsOf((await getJson(address)).body), []);
});

test('a ttl that is changed holds from then on, and leaves what is stored as it was', async () => {
  await register('change:ttl', '1hour');
  const before = await send('change:ttl', 1);
  await register('change:ttl', `${seconds}seconds`);
  const after = await send('change:ttl', 2);
  await untilExpired(after);
  assert.equal((await request(`${server.url}/api/events/${after.id}`)).status, 410);
  assert.equal((await request(`${server.url}/api/events/${before.id}`)).status, 200);
});

test('what expires before a stream has delivered it is counted, in the API and in the metrics', async () => {
  const receiver = await startReceiver();
  try {
    const { body, text } = await putJson(`${server.url}/api/events/register`,
      { type: 'lost:soon', ttl: `${seconds}seconds`, streams: [{ source: 'webhook', uri: receiver.url, name: 'hook' }] });
    assert.ok(body.streams, text);
    const [stream] = body.streams;
    const address = `${server.url}/api/streams/${stream.id}`;
    await postJson(`${address}/pause`, {});
    for (let n = 0; n < 4; ++n) await send('lost:soon', n);
    await untilExpired(await send('lost:soon', 'last'));
    await postJson(`${address}/resume`, {});
    await send('lost:soon', 'in time');
    await eventually(() => assert.equal(receiver.requests.length, 1));
    assert.match(receiver.requests[0].body.toString(), /in time/);
    await eventually(async () => assert.equal((await getJson(address)).body.expired, 5));
    await eventually(async () => {
      const { text } = await request(`${server.opsUrl}/metrics`);
      assert.match(text, /^headwater_stream_expired_events\{stream="lost:soon\/hook"\} 5$/m);
    });
  } finally {
    await receiver.stop();
  }
});
