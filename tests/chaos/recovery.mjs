// After the last fault: waits until everything has come, and reads what can only be read then.
import { setTimeout as wait } from 'node:timers/promises';
import { getJson } from '../e2e/support/http.mjs';
import { readLog, readSlices } from './feed_reader.mjs';
import { mustGet } from './requests.mjs';
import { types } from './registrations.mjs';

/// Returns the seconds it took. What has not come within `patience` seconds is noted in the ledger.
export async function recover(world, patience, note) {
  const begin = Date.now();
  const { ledger } = world;
  for (;;) {
    const missing = await whatIsMissing(world);
    if (missing.length === 0) break;
    note(`recovering: ${missing.join(', ')}`);
    if (Date.now() - begin > patience * 1000) {
      ledger.unrecovered.push(...missing.map((what) => `after ${patience} s: ${what}`));
      break;
    }
    await wait(250);
  }
  const seconds = (Date.now() - begin) / 1000;
  await untilQuiet(ledger);
  return seconds;
}

async function whatIsMissing({ nodes, ledger }) {
  const missing = [];
  for (const node of nodes) {
    const answer = await getJson(`${node.url}/readyz`).catch(() => ({ status: 'no answer' }));
    if (answer.status !== 200) missing.push(`${node.label} is not ready (${answer.status})`);
  }
  if (missing.length > 0) return missing;
  for (const { id, name } of ledger.streams) {
    const { status, body } = await getJson(`${nodes[0].url}/api/streams/${id}`).catch(() => ({}));
    if (status !== 200) missing.push(`stream ${name} cannot be read (${status})`);
    else if (body.lag.events > 0 || body.state === 'blocked') missing.push(`stream ${name} is ${body.state}, ${body.lag.events} behind`);
  }
  return [...missing, ...readersBehind(ledger)];
}

/// Those that have not seen the newest event of their types that was accepted.
function readersBehind({ sends, subscribers, feeds }) {
  const newest = new Map();
  for (const { type, ids } of sends.values()) newest.set(type, Math.max(newest.get(type) ?? 0, ...ids));
  return [...subscribers, ...feeds].filter((reader) => {
    const head = Math.max(...reader.types.map((type) => newest.get(type) ?? 0));
    return head > 0 && !reader.ids.slice(-1000).some((id) => id >= head);
  }).map(({ name }) => `${name} is behind`);
}

/// Until nothing has come anywhere for a second and a half: what is confirmed may still be on its way to a reader.
async function untilQuiet({ streams, subscribers, feeds }) {
  const count = () => [...streams.map((s) => s.arrivals), ...subscribers.map((s) => s.ids), ...feeds.map((f) => f.ids)]
    .reduce((sum, list) => sum + list.length, 0);
  for (let before = -1, quiet = 0; quiet < 6;) {
    await wait(250);
    quiet = count() === before ? quiet + 1 : 0;
    before = count();
  }
}

/// Reads the log and the dead lists into the ledger.
export async function audit({ nodes, ledger }) {
  const { url } = nodes.at(-1);
  ledger.log = await readLog(url, types);
  ledger.slices = await readSlices(url, types);
  for (const stream of ledger.streams) {
    let address = `${url}/api/streams/${stream.id}/dead`;
    while (address) {
      const page = await deadPage(address);
      stream.dead.push(...page.events.map((event) => Number(event.id)));
      address = page.links?.find((link) => link.rel === 'next' || link.rel === 'more')?.href;
    }
  }
}

/// A server without dead lists has nothing in them.
async function deadPage(address) {
  const answer = await getJson(address);
  return answer.status === 404 ? { events: [] } : mustGet(address);
}
