// E-mail streams, and the examples of docs/email.md as they stand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runSql } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { check, examplesIn } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { startMail } from './support/mail.mjs';

const examples = examplesIn('docs/email.md', 'email.test.mjs');

let mail;
let server;
before(async () => {
  mail = await startMail();
  server = await startHeadwater({ args: ['--smtp-url', mail.url, '--mail-from', 'headwater@example.org'] });
});
after(async () => {
  await server?.stop();
  await mail?.stop();
});

const mailsTo = async (address) => (await mail.mails()).filter((one) => one.recipients.includes(address));

test('the block has been found', () => assert.ok(examples.length >= 3, `${examples.length} examples`));
for (const example of examples) {
  test(example.command.split('\n')[0], () => check(example, [['http://127.0.0.1:8080', server.url]]));
}

test('the mail of the examples has come, to each recipient alone', async () => {
  const [first] = await eventually(async () => {
    const mails = await mailsTo('ada@example.org');
    assert.equal(mails.length, 1);
    assert.equal((await mailsTo('ops@example.org')).length, 1);
    return mails;
  });
  assert.equal(first.headers.Subject, 'Your order 4711 is on its way');
  assert.equal(first.text.trim().replaceAll('\r', ''), 'Dear Ada,\n\nparcel <B7> left us today.');
  assert.match(first.html, /parcel &lt;B7&gt; left/);
  assert.equal(first.headers['Auto-Submitted'], 'auto-generated');
  assert.deepEqual(first.defects, []);
});

test('a recipient that is put off gets its mail later, and the others get theirs once', async () => {
  await mail.order({ do: 'recipient', address: 'slow@example.org', reply: '451 4.7.1 greylisted', times: 1 });
  await putJson(`${server.url}/api/events/register`, {
    type: 'mail:three',
    streams: [{ source: 'email', to: ['x@example.org', 'slow@example.org', 'y@example.org'], retries: ['1s'] }],
  });
  await postJson(`${server.url}/api/events/send`, { type: 'mail:three', payload: { n: 1 } });
  await eventually(async () => assert.equal((await mailsTo('slow@example.org')).length, 1));
  assert.equal((await mailsTo('x@example.org')).length, 1);
  assert.equal((await mailsTo('y@example.org')).length, 1);
});

test('who has the mail is remembered over a restart', async () => {
  const own = await startHeadwater({ args: ['--smtp-url', mail.url, '--mail-from', 'headwater@example.org'] });
  await mail.order({ do: 'recipient', address: 'later@example.org', reply: '451 4.7.1 greylisted', times: 1 });
  await putJson(`${own.url}/api/events/register`, {
    type: 'mail:restart',
    streams: [{ source: 'email', name: 'both', to: ['early@example.org', 'later@example.org'], retries: ['8s'] }],
  });
  await postJson(`${own.url}/api/events/send`, { type: 'mail:restart', payload: { n: 1 } });
  await eventually(async () => assert.equal((await mailsTo('early@example.org')).length, 1));
  await eventually(async () => assert.deepEqual(await runSql(own, ['select progress from headwater.failing_events']), ['early@example.org']));
  await own.kill();
  const again = await startHeadwater({ dataDir: own.dataDir, args: ['--smtp-url', mail.url, '--mail-from', 'headwater@example.org'] });
  await eventually(async () => assert.equal((await mailsTo('later@example.org')).length, 1), 40_000);
  assert.equal((await mailsTo('early@example.org')).length, 1);
  await again.stop();
});

test('a mail server that is away costs nothing but time', async () => {
  await putJson(`${server.url}/api/events/register`, { type: 'mail:away', streams: [{ source: 'email', to: 'away@example.org', name: 'away' }] });
  await mail.order({ do: 'stop' });
  await postJson(`${server.url}/api/events/send`, { type: 'mail:away', payload: { n: 1 } });
  await eventually(async () => {
    const { body } = await getJson(`${server.url}/api/streams/away`);
    assert.equal(body.state, 'blocked');
    assert.match(body.last_error, /mail server/);
  });
  await mail.order({ do: 'start' });
  await eventually(async () => assert.equal((await mailsTo('away@example.org')).length, 1));
});

test('without a mail server a registration is refused with a clear sentence', async () => {
  const poor = await startHeadwater();
  const answer = await putJson(`${poor.url}/api/events/register`, { type: 'mail:none', streams: [{ source: 'email', to: 'a@example.org' }] });
  assert.equal(answer.status, 422);
  assert.match(JSON.stringify(answer.body), /--smtp-url/);
  await poor.stop();
});
