// A PostgreSQL whose processes are stopped answers nothing and closes nothing: to its clients it is silence.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { eventually } from './support/eventually.mjs';
import { checkLedger, load, storedEvents } from './support/ledger.mjs';

const patience = 90_000;
let server;
after(async () => {
  server?.signalPostgres('SIGCONT');
  await server?.stop();
});

async function checkReady(address) {
  const answer = await getJson(`${address}/readyz`);
  assert.equal(answer.status, 200, answer.text);
}

test('PostgreSQL stopped under load: 503, a reason, and it recovers by itself', async () => {
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`, { type: 'stall:load' });
  const ledger = load(server, 'stall:load');
  await eventually(() => assert.ok(ledger.accepted.size >= 300), patience);

  server.signalPostgres('SIGSTOP');
  await eventually(() => assert.ok(ledger.refused.has(503), 'nobody has been answered 503 yet'), patience);
  const refused = await postJson(`${server.url}/api/events/send`, { type: 'stall:load', payload: 'alone', id: 'alone' });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal(refused.body.type, '/problems/unavailable');
  for (const address of [server.url, server.opsUrl]) {
    await eventually(async () => {
      const ready = await request(`${address}/readyz`);
      assert.equal(ready.status, 503);
      assert.match(ready.text, /PostgreSQL/);
    }, patience);
    assert.equal((await request(`${address}/healthz`)).status, 200, 'the process itself is well');
  }
  const acceptedBefore = ledger.accepted.size;

  server.signalPostgres('SIGCONT');
  await eventually(() => assert.ok(ledger.accepted.size >= acceptedBefore + 300), patience);
  await eventually(() => checkReady(server.url), patience);
  await ledger.stop();
  const stored = await storedEvents(server, 'stall:load');
  stored.delete('alone'); // its outcome is unknown
  checkLedger(ledger, stored);
});
