// Clients that send events and write down what they meant to send before they do, and what they were told.
import { setTimeout as wait } from 'node:timers/promises';
import { postJson } from '../e2e/support/http.mjs';

const unregistered = 'chaos:unregistered';

/// Sends about `rate` events a second until stop(). Events whose outcome stays unknown are sent again under the same id, mostly.
export class SenderFleet {
  #ledger;
  #nodes;
  #types;
  #rate;
  #random;
  #isStopping = false;
  #all;
  #count = 0;
  #due = Date.now();

  constructor({ ledger, nodes, types, rate, random }) {
    this.#ledger = ledger;
    this.#nodes = nodes;
    this.#types = types;
    this.#rate = rate;
    this.#random = random;
  }

  start(senders) {
    this.#due = Date.now();
    this.#all = Promise.all(Array.from({ length: senders }, () => this.#run()));
  }

  async stop() {
    this.#isStopping = true;
    await this.#all;
  }

  async #run() {
    while (!this.#isStopping) {
      const batch = Array.from({ length: this.#random.chance(0.75) ? 1 : this.#random.whole(2, 20) }, () => this.#event());
      await this.#turn(batch.length);
      await this.#send(batch);
    }
  }

  /// Waits for this sender's turn; what could not be sent while the server was away is not made up for.
  async #turn(events) {
    this.#due = Math.max(this.#due, Date.now() - 200) + (events * 1000) / this.#rate;
    await wait(Math.max(0, this.#due - Date.now()));
  }

  /// One in a hundred is of a type that nobody has registered: it must be refused and never be seen.
  #event() {
    const key = `k${this.#count++}`;
    const type = this.#random.chance(0.01) ? unregistered : this.#random.pick(this.#types);
    const subject = this.#random.chance(0.9) ? `s${this.#random.whole(0, 19)}` : undefined;
    const send = this.#ledger.intend(key, type, subject);
    const text = '☃ "x" '.repeat(this.#random.whole(0, 30));
    return { send, body: { type, id: key, subject, payload: { key, text } } };
  }

  async #send(batch) {
    let left = batch;
    for (let attempt = 0; attempt < 8 && left.length > 0; ++attempt) {
      if (attempt > 0) await wait(200 * attempt);
      if (attempt > 0 && this.#random.chance(0.1)) return;  // given up: it stays unknown
      await this.#post(left);
      left = left.filter(({ send }) => send.outcome === 'unknown');
    }
    // Now and then all is sent once more: the first answers must come back.
    if (this.#random.chance(0.02)) await this.#post(batch);
  }

  async #post(batch) {
    const url = `${this.#random.pick(this.#nodes).url}/api/events/send`;
    const body = batch.length === 1 ? batch[0].body : batch.map((event) => event.body);
    let answer;
    try {
      answer = await postJson(url, body, {}, 6000);
    } catch {
      return;  // no answer: the outcome is unknown
    }
    const results = batch.length > 1 && [200, 207, 422].includes(answer.status) ? answer.body.results : undefined;
    batch.forEach(({ send }, i) => {
      const { status, id } = results ? results[i] : { status: answer.status, id: answer.body?.id };
      this.#note(send, status, id, answer.text);
    });
  }

  #note(send, status, id, text) {
    const isExpected = send.type === unregistered ? status === 422 : status === 201 || status === 200;
    if (isExpected && id !== undefined) this.#ledger.noteAccepted(send, Number(id));
    else if (isExpected) send.outcome = 'refused';
    else if (status !== 503 && status !== 429) this.#ledger.oddAnswers.push({ key: send.key, status, text: text.slice(0, 300) });
  }
}
