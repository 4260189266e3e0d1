// What a ledger must show. Each rule gets the whole ledger and yields what breaks it; pure, so that chaos_rules.test.mjs can show that
// each rule finds what it is for.
import { allowedRepeats, repeatsOf } from './repeats.mjs';

const wanted = ({ log }, types) => log.filter((event) => types.includes(event.type));

const rules = [
  {
    name: 'every accepted event is in the log, once, under the id that was answered',
    *breaks({ sends, log }) {
      const stored = new Map();
      for (const { id, key } of log) {
        if (stored.has(key)) yield `${key} is in the log twice, as ${stored.get(key)} and ${id}`;
        stored.set(key, id);
      }
      for (const { key, outcome, ids } of sends.values()) {
        if (ids.length > 1) yield `${key} was answered with ${ids.join(' and ')}`;
        if (outcome !== 'accepted') continue;
        if (!stored.has(key)) yield `${key} was accepted as ${ids[0]} and is not in the log`;
        else if (stored.get(key) !== ids[0]) yield `${key} was accepted as ${ids[0]} and stands in the log as ${stored.get(key)}`;
      }
    },
  },
  {
    name: 'nothing is in the log that was refused or never sent',
    *breaks({ sends, log }) {
      for (const { id, key } of log) {
        const send = sends.get(key);
        if (!send) yield `${id} (${key}) was never sent`;
        else if (send.outcome === 'refused') yield `${id} (${key}) was refused`;
      }
    },
  },
  {
    name: 'the log is in order, and its slices hold the same',
    *breaks({ log, slices }) {
      for (let i = 1; i < log.length; ++i) {
        if (log[i].id <= log[i - 1].id) yield `${log[i].id} follows ${log[i - 1].id}`;
        if (log[i].createdAt < log[i - 1].createdAt) yield `${log[i].id} was created before ${log[i - 1].id}`;
      }
      yield* differences('the slices', log.map((event) => event.id), slices);
    },
  },
  {
    name: 'answers are those of the contract',
    *breaks({ oddAnswers }) {
      for (const { key, status, text } of oddAnswers) yield `${status} for ${key}: ${text}`;
    },
  },
  {
    name: 'every event is in each of its streams, or in its dead list',
    *breaks(ledger) {
      for (const { name, types, arrivals, dead } of ledger.streams) {
        const there = new Set([...arrivals.filter((arrival) => arrival.answer !== 'refused').map(({ id }) => id), ...dead]);
        for (const { id } of wanted(ledger, types)) if (!there.has(id)) yield `${name} has never had ${id}`;
      }
    },
  },
  {
    name: 'streams carry nothing else, as it was sent and properly signed',
    *breaks(ledger) {
      for (const { name, types, arrivals, complaints } of ledger.streams) {
        const log = new Map(wanted(ledger, types).map((event) => [event.id, event]));
        for (const { id, key, subject } of arrivals) {
          const event = log.get(id);
          if (!event) yield `${name} had ${id} (${key}), which is none of its events`;
          else if (event.key !== key || event.subject !== subject) yield `${name} had ${id} as another event (${key}, ${subject})`;
        }
        for (const complaint of complaints) yield `${name}: ${complaint}`;
      }
    },
  },
  {
    name: 'strict streams come in order up to repeats',
    *breaks({ streams }) {
      for (const { name, order, arrivals } of streams) if (order === 'strict') yield* disorder(name, arrivals);
    },
  },
  {
    name: 'the events of one subject come in order up to repeats',
    *breaks({ streams }) {
      for (const { name, order, arrivals } of streams) {
        if (order !== 'subject') continue;
        for (const [subject, some] of bySubject(arrivals)) yield* disorder(`${name}, ${subject}`, some);
      }
    },
  },
  {
    name: 'what is repeated fits the faults',
    *breaks({ streams, faults }) {
      for (const stream of streams) {
        const repeats = repeatsOf(stream);
        const allowed = allowedRepeats(stream, faults);
        if (repeats.length > allowed) yield `${stream.name} repeated ${repeats.length}, at most ${allowed} were due; the first is ${repeats[0].id}`;
        const firstFault = Math.min(...faults.map((fault) => fault.from));
        const early = repeats.find(({ at }) => at < firstFault);
        if (early) yield `${stream.name} repeated ${early.id} before anything was broken`;
      }
    },
  },
  {
    name: 'live subscribers miss nothing, in order, without repeats',
    *breaks(ledger) {
      for (const reader of ledger.subscribers) yield* followed(ledger, reader);
    },
  },
  {
    name: 'feed readers miss nothing and see nothing again',
    *breaks(ledger) {
      for (const reader of ledger.feeds) yield* followed(ledger, reader);
    },
  },
  {
    name: 'all recovers by itself',
    *breaks({ unrecovered }) { yield* unrecovered; },
  },
];

/// Every rule with what breaks it: [{ name, broken: [sentence] }].
export function judge(ledger) {
  return rules.map(({ name, breaks }) => ({ name, broken: [...breaks(ledger)] }));
}

/// A refused arrival is no place in the order: it comes again.
function* disorder(name, arrivals) {
  const seen = new Set();
  let last = -1;
  for (const { id } of arrivals.filter(({ answer }) => answer !== 'refused')) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (id < last) yield `${name}: ${id} came for the first time after ${last}`;
    last = Math.max(last, id);
  }
}

function bySubject(arrivals) {
  const subjects = new Map();
  for (const arrival of arrivals) {
    if (arrival.subject === undefined) continue;
    if (!subjects.has(arrival.subject)) subjects.set(arrival.subject, []);
    subjects.get(arrival.subject).push(arrival);
  }
  return subjects;
}

/// One that began at `start` has exactly the log's events after it.
function* followed(ledger, { name, types, start, ids, isSet, complaints }) {
  for (const complaint of complaints) yield `${name}: ${complaint}`;
  if (start === undefined) return void (yield `${name} never began`);
  const expected = wanted(ledger, types).map((event) => event.id).filter((id) => id > start);
  yield* differences(name, expected, isSet ? [...ids].sort((a, b) => a - b) : ids);
}

/// Says what is missing, repeated, strange or out of order in `ids` against `expected`, which is in order.
function* differences(name, expected, ids) {
  const all = new Set(expected);
  const seen = new Set();
  let last = -1;
  for (const id of ids) {
    if (seen.has(id)) yield `${name}: ${id} came twice`;
    else if (!all.has(id)) yield `${name}: ${id} is not in the log`;
    else if (id < last) yield `${name}: ${id} came after ${last}`;
    seen.add(id);
    last = Math.max(last, id);
  }
  for (const id of expected) if (!seen.has(id)) yield `${name}: ${id} is missing`;
}
