// What a run says: a line while it goes on, the figures and the rules at the end.
import { allowedRepeats, repeatsOf } from './repeats.mjs';

const number = (value) => value.toLocaleString('en-US');

/// What was on its way when a node was killed still arrives.
const settling = 200;
const quietMilliseconds = 10_000;

/// One line that is overwritten on a terminal; elsewhere only the news, a line each, and what is waited for every ten seconds.
export class Progress {
  #isTerminal = process.stderr.isTTY;
  #begin = Date.now();
  #news = 'starting';
  #said = 0;
  #timer;

  constructor(ledger) {
    if (this.#isTerminal) this.#timer = setInterval(() => this.#draw(ledger), 500).unref();
  }

  note(text) {
    if (text === this.#news) return;
    this.#news = text;
    const isDue = !text.startsWith('recovering') || Date.now() - this.#said > quietMilliseconds;
    if (this.#isTerminal || !isDue) return;
    this.#said = Date.now();
    process.stderr.write(`${this.#seconds()} ${text}\n`);
  }

  end() {
    clearInterval(this.#timer);
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }

  #seconds() { return `${((Date.now() - this.#begin) / 1000).toFixed(1).padStart(6)} s`; }

  #draw(ledger) {
    const arrived = ledger.streams.reduce((sum, stream) => sum + stream.arrivals.length, 0);
    const line = `${this.#seconds()} · ${number(ledger.sends.size)} sent, ${number(arrived)} delivered · ${this.#news}`;
    process.stderr.write(`\r${line.slice(0, (process.stderr.columns ?? 100) - 1)}\x1b[K`);
  }
}

export function printReport(ledger, verdicts, { loadSeconds, recoverySeconds }) {
  printSends(ledger, loadSeconds);
  printStreams(ledger);
  printReaders(ledger);
  printFaults(ledger, recoverySeconds);
  print('\nRules');
  for (const { name, broken } of verdicts) {
    print(`  ${broken.length === 0 ? 'holds ' : 'BROKEN'}  ${name}`);
    for (const sentence of broken.slice(0, 5)) print(`            ${sentence}`);
    if (broken.length > 5) print(`            and ${number(broken.length - 5)} more`);
  }
}

function printSends(ledger, seconds) {
  const unknown = [...ledger.sends.values()].filter((send) => send.outcome === 'unknown');
  const stored = new Set(ledger.log.map((event) => event.key));
  const found = unknown.filter((send) => stored.has(send.key)).length;
  print(`\nSent ${number(ledger.sends.size)} in ${seconds.toFixed(0)} s: ${number(ledger.count('accepted'))} accepted, `
    + `${number(ledger.count('refused'))} refused, ${number(unknown.length)} unknown (${number(found)} of them in the log). `
    + `The log has ${number(ledger.log.length)}.`);
}

function printStreams({ streams, faults, log }) {
  print('\nStream            order     events   came  refused    cut  repeats  allowed   dead');
  for (const stream of streams) {
    const events = log.filter((event) => stream.types.includes(event.type)).length;
    const came = new Set(stream.arrivals.filter(({ answer }) => answer !== 'refused').map(({ id }) => id)).size;
    const answered = (answer) => stream.arrivals.filter((arrival) => arrival.answer === answer).length;
    const row = [events, came, answered('refused'), answered('cut'), repeatsOf(stream).length, allowedRepeats(stream, faults),
      stream.dead.length];
    const widths = [7, 7, 9, 7, 9, 9, 7];
    print(`${stream.name.padEnd(18)}${stream.order.padEnd(8)}${row.map((value, i) => number(value).padStart(widths[i])).join('')}`);
  }
}

function printReaders({ subscribers, feeds }) {
  print('\nReader            events   connections');
  for (const { name, ids, connections } of [...subscribers, ...feeds]) {
    print(`${name.padEnd(18)}${number(ids.length).padStart(6)}${connections === undefined ? '' : number(connections).padStart(14)}`);
  }
}

function printFaults(ledger, recoverySeconds) {
  const { faults } = ledger;
  const counts = new Map();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const silence = longestSilence(ledger);
  print(`\nFaults: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'}. `
    + `Recovered within ${recoverySeconds.toFixed(1)} s of the last.`);
  if (silence > 0) print(`The longest silence of a stream after a node was killed or stopped: ${(silence / 1000).toFixed(1)} s.`);
}

/// Milliseconds from such a fault to the next arrival. What else was broken at the time counts as well, so this is no rule.
function longestSilence({ streams, faults }) {
  const gaps = faults.filter(({ kind }) => kind === 'node-kill' || kind === 'node-stop').flatMap(({ from }) =>
    streams.filter(({ arrivals }) => arrivals.some(({ at }) => at <= from)).map(({ arrivals }) => (arrivals.find(({ at }) => at > from + settling)?.at ?? from) - from));
  return Math.max(0, ...gaps);
}

function print(line) { process.stdout.write(`${line}\n`); }
