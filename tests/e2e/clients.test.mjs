// The examples of docs/clients work as they stand, in every language whose runtime is here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { programs, startProgram, whyNot } from './support/client_examples.mjs';
import { eventually } from './support/eventually.mjs';
import { freePort } from './support/free_port.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';

const examples = programs();
const named = (beginning) => [...examples.keys()].filter((name) => name.toLowerCase().startsWith(beginning));
const type = 'shop:order-placed';

let server;
before(async () => {
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`, { type });
});
after(async () => { await server?.stop(); });

const env = (more) => ({ HEADWATER_URL: server.url, ...more });
const start = (name, more) => startProgram(name, examples.get(name), env(more));
const sendOne = (payload, subject) => postJson(`${server.url}/api/events/send`, { type, subject, payload });
const feedOf = async (query = '') => (await getJson(`${server.url}/api/events/feed/month/current?limit=1000&types=${type}${query}`)).body.events;

test('the pages have been read', () => {
  for (const [beginning, count] of [['send', 5], ['follow', 4], ['consume', 4], ['receive', 4], ['websocket', 2], ['eventsource', 1]]) {
    assert.equal(named(beginning).length, count, beginning);
  }
});

describe('sending', () => {
  for (const name of named('send')) {
    test(name, { skip: whyNot(name) }, async () => {
      const before = (await feedOf('&subject=order-7')).length;
      const first = await start(name).exited;
      assert.equal(first.code, 0, first.stderr);
      const between = (await feedOf('&subject=order-7')).length;
      const second = await start(name).exited;
      assert.equal(second.code, 0, second.stderr);
      assert.ok(between - before <= 1, 'one event');
      assert.equal((await feedOf('&subject=order-7')).length, between, 'a repeat stores nothing');
      assert.match(first.stdout, /\d/);
    });
  }

  test('something has been stored', async () => assert.ok((await feedOf('&subject=order-7')).length > 0));
});

describe('following', () => {
  for (const name of [...named('follow'), ...named('websocket'), ...named('eventsource')]) {
    test(name, { skip: whyNot(name) }, async () => {
      await sendOne({ before: name });
      const program = start(name);
      await program.prints(new RegExp(`before\\W+${name.replace('.', '\\.')}`));
      await sendOne({ after: name });
      await program.prints(new RegExp(`after\\W+${name.replace('.', '\\.')}`));
      program.stop();
      await program.exited;
    });
  }
});

describe('consuming a feed', () => {
  for (const name of named('consume')) {
    test(name, { skip: whyNot(name) }, async () => {
      await request(`${server.url}/api/clients/billing`, { method: 'DELETE' });
      await sendOne({ consumed: name });
      const { code, stdout, stderr } = await start(name).exited;
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes(name), stdout);
      const { body } = await getJson(`${server.url}/api/events/feed/month/current/client/billing?types=${type}`);
      assert.deepEqual(body.events, [], 'all are marked');
    });
  }
});

describe('receiving webhooks', () => {
  for (const name of named('receive')) {
    test(name, { skip: whyNot(name) }, async () => {
      const port = await freePort();
      const stream = `hook-${name.replace('.', '-')}`;
      const { body } = await putJson(`${server.url}/api/streams/${stream}`,
        { types: [type], source: 'webhook', uri: `http://127.0.0.1:${port}/`, retries: ['1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s'] });
      const program = start(name, { PORT: `${port}`, WEBHOOK_SECRET: body.secret });
      await eventually(async () => {
        const forged = await request(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}',
          headers: { 'webhook-id': 'x', 'webhook-timestamp': `${Math.floor(Date.now() / 1000)}`, 'webhook-signature': 'v1,AAAA' } });
        assert.equal(forged.status, 401);
      }, 90_000);
      await sendOne({ received: name });
      await program.prints(new RegExp(`received\\W+${name.replace('.', '\\.')}`));
      await eventually(async () => assert.equal((await getJson(`${server.url}/api/streams/${stream}`)).body.lag.events, 0));
      program.stop();
      await program.exited;
      await request(`${server.url}/api/streams/${stream}`, { method: 'DELETE' });
    });
  }
});

test('headwater.sh', async () => {
  const { code, stdout, stderr } = await start('headwater.sh').exited;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /"subject":"order-8"/);
});
