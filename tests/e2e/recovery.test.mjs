// Whatever is killed under load: every event answered 2xx is in the feed, once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { putJson } from './support/http.mjs';
import { eventually } from './support/eventually.mjs';
import { checkLedger, load, storedEvents } from './support/ledger.mjs';

const servers = [];
after(async () => { for (const server of servers) await server.stop().catch(() => {}); });

async function start(options = {}) {
  const server = await startHeadwater(options);
  servers.push(server);
  return server;
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
