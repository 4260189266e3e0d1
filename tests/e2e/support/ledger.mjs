// Senders under load and what they know: nothing accepted may be missing afterwards, nothing may be stored twice.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { getJson, postJson } from './http.mjs';

/// Sends with `senders` clients until stopped; notes what was accepted, what not, and with which status. Errors are expected: the
/// server is being troubled. An event's own id is its key here; `fillerBytes` of noise come with each.
export function load(server, type, { senders = 8, fillerBytes = 0 } = {}) {
  const accepted = new Map();
  const unknown = new Set();
  const refused = new Set();
  let running = true;
  let n = 0;
  const one = async () => {
    while (running) {
      const key = `e${n++}`;
      try {
        const answer = await postJson(`${server.url}/api/events/send`, { type, id: key, payload: randomBytes(fillerBytes).toString('base64') });
        if (answer.status === 201 || answer.status === 200) {
          accepted.set(key, answer.body.id);
          continue;
        }
        refused.add(answer.status);
      } catch {
        // its outcome is unknown
      }
      unknown.add(key);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const all = Promise.all(Array.from({ length: senders }, one));
  return { accepted, unknown, refused, stop: async () => { running = false; await all; } };
}

/// What the feed has, by the events' own ids; fails when something is there twice.
export async function storedEvents(server, type, limit = 1000) {
  const stored = new Map();
  let address = `${server.url}/api/events/feed/month/current?types=${type}&limit=${limit}&order=asc`;
  while (address) {
    const page = await getJson(address);
    assert.equal(page.status, 200);
    for (const event of page.body.events) {
      assert.equal(stored.has(event.sourceId), false, `${event.sourceId} is stored twice`);
      stored.set(event.sourceId, event.id);
    }
    address = page.body.links.find((l) => l.rel === 'more')?.href;
  }
  return stored;
}

export function checkLedger(ledger, stored) {
  for (const [key, id] of ledger.accepted) assert.equal(stored.get(key), id, `${key} was accepted`);
  for (const key of stored.keys()) assert.ok(ledger.accepted.has(key) || ledger.unknown.has(key), `${key} was never sent`);
}
