// Readers of the hypermedia feeds: they follow links and write down what they saw.
import { setTimeout as wait } from 'node:timers/promises';
import { getJson, putJson } from '../e2e/support/http.mjs';

const linkOf = (page, rel) => page.links.find((link) => link.rel === rel)?.href;
const newestOf = (slice, types, query) => `/api/events/feed/${slice}/current${query.client ?? ''}?types=${types.join(',')}&${query.rest}`;

/// A page, or undefined when the server is away; complaints name what it should not have answered.
async function readPage(address, complaints) {
  let answer;
  try {
    answer = await getJson(address);
  } catch {
    return undefined;
  }
  if (answer.status === 200) return answer.body;
  if (answer.status !== 503) complaints.push(`${answer.status} for ${address}`);
  return undefined;
}

/// Follows the end of the log by asking for what is newer than the last event it saw.
export class TailReader {
  #ledger;
  #nodes;
  #isClosing = false;
  #ended;

  constructor(ledger, nodes) {
    this.#ledger = ledger;
    this.#nodes = nodes;
  }

  start() { this.#ended = this.#run(); }

  async close() {
    this.#isClosing = true;
    await this.#ended;
  }

  async #run() {
    const { ids, types, complaints } = this.#ledger;
    for (let turn = 0; !this.#isClosing; ++turn) {
      const query = { rest: `order=asc&limit=500&after=${ids.at(-1) ?? this.#ledger.start}&wait=1` };
      const page = await readPage(`${this.#nodes[turn % this.#nodes.length].url}${newestOf('month', types, query)}`, complaints);
      if (page) ids.push(...page.events.map((event) => Number(event.id)));
      else await wait(200);
    }
  }
}

/// A consumer that marks what it has processed, and must never see that again.
export class ClientReader {
  #ledger;
  #nodes;
  #marked = new Set();
  #isClosing = false;
  #ended;

  constructor(ledger, nodes) {
    this.#ledger = ledger;
    this.#nodes = nodes;
  }

  start() { this.#ended = this.#run(); }

  async close() {
    this.#isClosing = true;
    await this.#ended;
  }

  async #run() {
    for (let turn = 0; !this.#isClosing; ++turn) {
      const count = await this.#step(this.#nodes[turn % this.#nodes.length].url);
      if (count < 100) await wait(200);
    }
  }

  /// One page, processed and marked; returns how many events it had.
  async #step(url) {
    const { ids, types, complaints, name } = this.#ledger;
    const page = await readPage(`${url}${newestOf('month', types, { client: `/client/${name}`, rest: 'order=asc&limit=500' })}`, complaints);
    if (!page) return 0;
    const seen = page.events.map((event) => event.id);
    for (const id of seen) if (this.#marked.has(id)) complaints.push(`event ${id} was shown after it had been marked`);
    if (seen.length === 0) return 0;
    try {
      const answer = await putJson(`${url}/api/events/ok/${name}`, { ids: seen });
      if (answer.status === 200) {
        for (const id of seen) this.#marked.add(id);
        ids.push(...seen.map(Number));
      } else if (answer.status !== 503) complaints.push(`${answer.status} for marking`);
    } catch { /* marked or not: they may come again */ }
    return seen.length;
  }
}

/// The whole log, oldest first, as the pages of this month's feed show it.
export async function readLog(url, types) {
  const log = [];
  let address = `${url}${newestOf('month', types, { rest: 'order=asc&limit=1000' })}`;
  while (address) {
    const page = await mustRead(address);
    for (const event of page.events) {
      log.push({ id: Number(event.id), key: event.sourceId, type: event.type, subject: event.subject, createdAt: event.created_at });
    }
    address = linkOf(page, 'more');
  }
  return log;
}

/// The ids of the whole log, oldest first, found by walking back through the slices of an hour's minutes, page by page.
export async function readSlices(url, types) {
  const ids = [];
  let slice = `${url}${newestOf('minute', types, { rest: 'limit=200' })}`;
  while (slice) {
    let page = await mustRead(slice);
    slice = linkOf(page, 'prev-archive');
    for (;;) {
      ids.push(...page.events.map((event) => Number(event.id)));
      const more = linkOf(page, 'more');
      if (!more) break;
      page = await mustRead(more);
    }
  }
  return ids.reverse();
}

async function mustRead(address) {
  const answer = await getJson(address);
  if (answer.status !== 200) throw new Error(`${answer.status} for ${address}: ${answer.text.slice(0, 300)}`);
  return answer.body;
}
