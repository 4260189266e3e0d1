// Whatever is killed under load: every event answered 2xx is in the feed, once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { eventually } from './support/eventually.mjs';

const servers = [];
after(async () => { for (const server of servers) await server.stop().catch(() => {}); });

async function start(options = {}) {
  const server = await startHeadwater(options);
  servers.push(server);
  return server;
}

/// Sends with `senders` clients until stopped; notes what was accepted. Errors are expected: the server is being killed.
function load(server, type, senders = 8) {
  const accepted = new Map();
  const unknown = new Set();
  let running = true;
  let n = 0;
  const one = async () => {
    while (running) {
      const key = `e${n++}`;
      try {
        const answer = await postJson(`${server.url}/api/events/send`, { type, id: key, payload: key });
        if (answer.status === 201 || answer.status === 200) accepted.set(key, answer.body.id);
        else unknown.add(key);
      } catch {
        unknown.add(key);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  const all = Promise.all(Array.from({ length: senders }, one));
  return { accepted, unknown, stop: async () => { running = false; await all; } };
}

async function storedEvents(server, type) {
  const stored = new Map();
  let address = `${server.url}/api/events/feed/month/current?types=${type}&limit=1000&order=asc`;
  while (address) {
    const page = await getJson(address);
    assert.equal(page.status, 200);
    for (const event of page.body.events) {
      assert.equal(stored.has(event.payload), false, `${event.payload} is stored twice`);
      stored.set(event.payload, event.id);
    }
    address = page.body.links.find((l) => l.rel === 'more')?.href;
  }
  return stored;
}

function checkLedger(ledger, stored) {
  for (const [key, id] of ledger.accepted) assert.equal(stored.get(key), id, `${key} was accepted`);
  for (const key of stored.keys()) assert.ok(ledger.accepted.has(key) || ledger.unknown.has(key), `${key} was never sent`);
}

const accepted = (ledger, count) => eventually(() => assert.ok(ledger.accepted.size >= count), 60_000);

test('kill -9 of the server under load', async () => {
  const server = await start();
  await putJson(`${server.url}/api/events/register`, { type: 'kill:server' });
  const ledger = load(server, 'kill:server');
  await accepted(ledger, 500);
  await server.kill();
  await ledger.stop();
  const again = await start({ dataDir: server.dataDir });
  const stored = await storedEvents(again, 'kill:server');
  assert.ok(stored.size >= 500);
  checkLedger(ledger, stored);
  await again.stop();
});

test('kill -9 of PostgreSQL with all its processes under load; the server recovers by itself', async () => {
  const server = await start();
  await putJson(`${server.url}/api/events/register`, { type: 'kill:postgres' });
  const ledger = load(server, 'kill:postgres');
  for (const goal of [300, 900, 1500]) {
    await accepted(ledger, goal);
    await server.killPostgres();
  }
  await accepted(ledger, 2000);
  await ledger.stop();
  checkLedger(ledger, await storedEvents(server, 'kill:postgres'));
  const ready = await fetch(`${server.url}/readyz`);
  assert.equal(ready.status, 200);
});

test('SIGTERM drains: exit code 0 and nothing accepted is missing', async () => {
  const server = await start();
  await putJson(`${server.url}/api/events/register`, { type: 'stop:gently' });
  const ledger = load(server, 'stop:gently');
  await accepted(ledger, 300);
  const code = await server.stop();
  assert.equal(code, 0);
  await ledger.stop();
  const again = await start({ dataDir: server.dataDir });
  checkLedger(ledger, await storedEvents(again, 'stop:gently'));
});
