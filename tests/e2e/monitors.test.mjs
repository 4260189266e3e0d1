// Check-in monitors, and the examples of docs/monitors.md as they stand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { eventually } from './support/eventually.mjs';
import { check, examplesIn } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, request } from './support/http.mjs';
import { startMail } from './support/mail.mjs';
import { startReceiver } from './support/receiver.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const examples = examplesIn('docs/monitors.md', 'monitors.test.mjs');
const folder = makeTempDir();

let mail;
let receiver;
let server;
before(async () => {
  mail = await startMail();
  receiver = await startReceiver();
  server = await startHeadwater({ args: ['--smtp-url', mail.url, '--mail-from', 'headwater@example.org'] });
});
after(async () => {
  await server?.stop();
  await receiver?.stop();
  await mail?.stop();
});

const api = (path) => `${server.url}${path}`;
const create = async (monitor) => {
  const { status, body } = await postJson(api('/api/monitors'), monitor);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};
const checkIn = async ({ id, api_key }, path = '') => {
  const { status } = await request(api(`/notify/${id}${path}`), { method: 'POST', headers: { 'x-api-key': api_key } });
  assert.equal(status, 204);
};
async function patch(url, body) {
  const { status, text } = await request(url, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status, body: JSON.parse(text) };
}
const show = async ({ id }) => (await getJson(api(`/api/monitors/${id}`))).body;
const mailsTo = async (address) => (await mail.mails()).filter((one) => one.recipients.includes(address));
const eventsOf = async ({ id }) => (await getJson(api(`/api/events/feed/day/current?types=monitor:*&subject=${id}&order=asc`))).body.events;

test('the block has been found', () => assert.ok(examples.length >= 9, `${examples.length} examples`));
for (const example of examples) {
  const addresses = () => [['http://127.0.0.1:8080', server.url], ['monitor.json', `${folder}/monitor.json`]];
  test(example.command.split('\n')[0], () => check(example, addresses()));
}

test('a notification that takes the place of another keeps its secret; that of another monitor cannot be taken', async () => {
  const first = await create({ name: 'mine', interval: '1day', notify: [{ source: 'webhook', uri: `${receiver.url}mine`, headers: { 'X-Key': 'hidden' } }] });
  const other = await create({ name: 'other', interval: '1day' });
  const path = api(`/api/monitors/${first.id}`);
  const [told] = (await show(first)).notify;
  assert.equal(told.headers['X-Key'], '***');
  assert.equal((await patch(path, { notify: [told] })).body.notify[0].stream, told.stream, 'as it was shown, nothing changes');
  const taken = await patch(api(`/api/monitors/${other.id}`), { notify: [{ ...told, uri: `${receiver.url}stolen` }] });
  assert.deepEqual([taken.status, taken.body.errors.map(({ pointer }) => pointer)], [422, ['/notify/0/stream']]);
  const moved = await patch(path, { notify: [{ ...told, uri: `${receiver.url}moved` }] });
  assert.equal(moved.body.notify[0].secret, undefined, 'none was made');
  const test = await postJson(api(`/api/streams/${moved.body.notify[0].stream}/test`), {});
  assert.equal(test.body.delivered, true);
  const got = receiver.requests.find(({ url }) => url === '/moved');
  receiver.requests.length = 0;
  assert.equal(got.headers['x-key'], 'hidden');
  new Webhook(first.notify[0].secret).verify(got.body, got.headers);
});

test('a job that stays silent is told of once, and once when it is back', async () => {
  const monitor = await create({
    name: 'Grüße <job>', interval: '1second',
    notify: [{ source: 'email', to: 'ops@example.org' }, { source: 'webhook', uri: receiver.url }],
  });
  assert.match(monitor.notify[1].secret, /^whsec_/);
  assert.equal(monitor.status, 'Unknown');
  await checkIn(monitor);
  const { due_at: due } = await show(monitor);
  await eventually(async () => assert.equal((await show(monitor)).status, 'Dead'));
  const [dead] = await eventsOf(monitor);
  assert.ok(Date.parse(dead.created_at) - Date.parse(due) < 1000, `${dead.created_at} for ${due}`);
  await eventually(async () => {
    assert.equal((await mailsTo('ops@example.org')).length, 1);
    assert.equal(receiver.requests.length, 1);
  });
  const [down] = await mailsTo('ops@example.org');
  assert.equal(down.headers.Subject, '[Dead] Grüße <job>');
  assert.match(down.text, /is late: no check-in since/);
  assert.match(down.html, /Grüße &lt;job&gt;/);

  const clock = await create({ name: 'clock', interval: '2seconds' });
  await checkIn(clock);
  await eventually(async () => assert.equal((await show(clock)).status, 'Dead')); // two more intervals: silence
  assert.equal((await eventsOf(monitor)).length, 1);
  await checkIn(monitor);
  await eventually(async () => {
    assert.equal((await mailsTo('ops@example.org')).length, 2);
    assert.equal(receiver.requests.length, 2);
  });
  const ok = (await eventsOf(monitor))[1];
  assert.equal(ok.type, 'monitor:ok');
  assert.ok(ok.payload.downtime_seconds > 2, `${ok.payload.downtime_seconds}`);
  assert.match((await mailsTo('ops@example.org'))[1].text, /is back after/);
  assert.equal(JSON.parse(receiver.requests[1].body).id, ok.id);
  await request(api(`/api/monitors/${monitor.id}`), { method: 'DELETE' });
});

test('monitors with the same destination share a stream, which goes with the last of them', async () => {
  const notify = [{ source: 'email', to: 'shared@example.org' }];
  const one = await create({ name: 'one', interval: '1hour', notify });
  const two = await create({ name: 'two', interval: '1hour', notify });
  const { stream } = one.notify[0];
  assert.equal(two.notify[0].stream, stream);
  const { body } = await getJson(api(`/api/streams/${stream}`));
  assert.deepEqual(body.types, ['monitor:dead', 'monitor:ok']);
  assert.equal(body.notice.to, 'shared@example.org');
  await checkIn(one, '/fail');
  await eventually(async () => assert.equal((await mailsTo('shared@example.org')).length, 1));
  await request(api(`/api/monitors/${one.id}`), { method: 'DELETE' });
  assert.equal((await request(api(`/api/streams/${stream}`))).status, 200);
  await request(api(`/api/monitors/${two.id}`), { method: 'DELETE' });
  assert.equal((await request(api(`/api/streams/${stream}`))).status, 404);
});

test('one monitor says nothing to the destination of another', async () => {
  const loud = await create({ name: 'loud', interval: '1hour', notify: [{ source: 'email', to: 'loud@example.org' }] });
  const quiet = await create({ name: 'quiet', interval: '1hour', notify: [{ source: 'email', to: 'quiet@example.org' }] });
  await checkIn(loud, '/fail');
  await eventually(async () => assert.equal((await mailsTo('loud@example.org')).length, 1));
  await checkIn(quiet, '/fail');
  await eventually(async () => assert.equal((await mailsTo('quiet@example.org')).length, 1));
  assert.equal((await mailsTo('loud@example.org')).length, 1);
});

test('the answers to a check-in', async () => {
  const monitor = await create({ name: 'answers', interval: '1hour' });
  const status = async (path, options = {}) => (await request(api(path), options)).status;
  const headers = { 'x-api-key': monitor.api_key };
  for (const method of ['GET', 'HEAD', 'POST']) assert.equal(await status(`/notify/${monitor.id}`, { method, headers }), 204);
  assert.equal(await status(`/dev/notify/${monitor.id}`, { headers }), 204);
  assert.equal(await status(new URL(monitor.ping_url).pathname), 204);
  assert.equal((await show(monitor)).check_ins.length, 5);
  assert.equal(await status(`/notify/${monitor.id}`), 403);
  assert.equal(await status(`/notify/${monitor.id}`, { headers: { 'x-api-key': 'hwm_wrong' } }), 403);
  assert.equal(await status('/notify/99999', { headers }), 404);
  assert.equal(await status('/notify/nonsense', { headers }), 404);
  assert.equal(await status('/ping/hwm_wrong'), 404);
  const rotated = await postJson(api(`/api/monitors/${monitor.id}/rotate-key`), {});
  assert.equal(await status(`/notify/${monitor.id}`, { headers }), 403);
  assert.equal(await status(`/notify/${monitor.id}`, { headers: { 'x-api-key': rotated.body.api_key } }), 204);
  assert.equal((await show(monitor)).api_key, undefined);
});

test('every mistake in a monitor is named', async () => {
  const { status, body } = await postJson(api('/api/monitors'), {
    name: '', interval: 'often', threshold: -1, notify: [{ source: 'email', to: 'nobody', name: 'x' }, 7],
  });
  assert.equal(status, 422);
  assert.deepEqual(body.errors.map((error) => error.pointer).sort(), ['/interval', '/name', '/notify/0/name', '/notify/1', '/threshold']);
  const bad = await postJson(api('/api/monitors'), { name: 'x', interval: '1day', notify: [{ source: 'email', to: 'nobody' }] });
  assert.deepEqual(bad.body.errors.map((error) => error.pointer), ['/notify/0/to']);
  const long = await postJson(api('/api/monitors'), { name: 'x', interval: '50years', threshold: 3 });
  assert.equal(long.status, 422);
});

test('nobody sends an event of a monitor himself', async () => {
  const { status } = await postJson(api('/api/events/send'), { type: 'monitor:dead', payload: {} });
  assert.equal(status, 422);
});

test('a server that is killed loses no check-in and tells of a death once', async () => {
  const lasting = await startHeadwater();
  const url = (path) => `${lasting.url}${path}`;
  const { body: monitor } = await postJson(url('/api/monitors'), { name: 'lasting', interval: '1second' });
  const { status } = await request(url(`/notify/${monitor.id}`), { headers: { 'x-api-key': monitor.api_key } });
  assert.equal(status, 204);
  await lasting.kill();
  await lasting.killPostgres();
  const again = await startHeadwater({ dataDir: lasting.dataDir });
  const { body: after } = await getJson(`${again.url}/api/monitors/${monitor.id}`);
  assert.equal(after.check_ins.length, 1);
  await eventually(async () => assert.equal((await getJson(`${again.url}/api/monitors/${monitor.id}`)).body.status, 'Dead'));
  const { body } = await getJson(`${again.url}/api/events/feed/day/current?types=monitor:*`);
  assert.equal(body.events.length, 1);
  await again.stop();
});
