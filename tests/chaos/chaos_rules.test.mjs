// The ledger's judge, over ledgers made up by hand: a true one breaks no rule, and each single lie breaks the rule that it should.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeedLedger, Ledger, LiveLedger, StreamLedger } from './ledger.mjs';
import { judge } from './rules.mjs';

const type = 'chaos:order';
const types = [type];

/// Ten accepted events, one refused, one of unknown outcome that is not in the log; four streams, two readers, one crash at 5000.
function trueLedger() {
  const ledger = new Ledger();
  for (let i = 1; i <= 10; ++i) {
    ledger.noteAccepted(ledger.intend(`k${i}`, type, `s${i % 3}`), i);
    ledger.log.push({ id: i, key: `k${i}`, type, subject: `s${i % 3}`, createdAt: `2018-02-01T00:00:00.0000${10 + i}Z` });
  }
  ledger.intend('refused', type).outcome = 'refused';
  ledger.intend('unknown', type);
  ledger.slices = ledger.log.map(({ id }) => id);
  ledger.streams = [['rabbit', 'strict'], ['webhook', 'loose'], ['webhook', 'subject'], ['webhook', 'strict']].map(
    ([source, order]) => new StreamLedger({ name: `${source}-${order}`, source, order, types, window: 2 }));
  for (const { arrivals } of ledger.streams) arrivals.push(...ledger.log.map((event) => arrivalOf(event)));
  ledger.subscribers = [Object.assign(new LiveLedger({ name: 'socket', types }), { start: 4, ids: [5, 6, 7, 8, 9, 10] })];
  ledger.feeds = [
    Object.assign(new FeedLedger({ name: 'tail', types }), { start: 0, ids: [...ledger.slices] }),
    Object.assign(new FeedLedger({ name: 'consumer', types }), { start: 0, isSet: true, ids: [2, 1, 3, 4, 5, 6, 7, 8, 10, 9] }),
  ];
  ledger.faults = [{ kind: 'node-kill', target: 'node-1', from: 5000, to: 6000, times: 1 }];
  return ledger;
}

const arrivalOf = ({ id, key, subject }, answer = 'taken') => ({ id, key, subject, at: id * 1000, answer });
const stream = (ledger, name) => ledger.streams.find((known) => known.name === name);
const swap = (list, i, j) => { [list[i], list[j]] = [list[j], list[i]]; };
const broken = (ledger) => judge(ledger).filter((verdict) => verdict.broken.length > 0);

test('a true ledger breaks no rule', () => assert.deepEqual(broken(trueLedger()), []));

test('what is allowed breaks no rule: repeats within a window, refused attempts, dead events, an unknown outcome in the log', () => {
  const ledger = trueLedger();
  const { arrivals } = stream(ledger, 'rabbit-strict');
  arrivals.splice(6, 0, ...arrivals.slice(4, 6).map((arrival) => ({ ...arrival, at: 6000 })));
  stream(ledger, 'webhook-loose').arrivals.splice(3, 0, arrivalOf(ledger.log[8], 'refused'));
  stream(ledger, 'webhook-strict').arrivals.splice(3, 0, arrivalOf(ledger.log[3], 'refused'), arrivalOf(ledger.log[3], 'cut'));
  const dead = stream(ledger, 'webhook-subject');
  dead.arrivals.splice(4, 1);
  dead.dead.push(5);
  ledger.log.push({ id: 11, key: 'unknown', type, createdAt: '2018-02-02T00:00:00Z' });
  for (const { arrivals: more } of ledger.streams) more.push(arrivalOf(ledger.log[10]));
  for (const { ids } of [...ledger.subscribers, ...ledger.feeds]) ids.push(11);
  ledger.slices.push(11);
  assert.deepEqual(broken(ledger), []);
});

const lies = [
  ['an accepted event is not in the log', (l) => { l.log.splice(3, 1); }, /every accepted event/, /k4 was accepted as 4/],
  ['an event is in the log twice', (l) => { l.log.push({ ...l.log[3], id: 11 }); }, /every accepted event/, /k4 is in the log twice/],
  ['a repeat is answered with another id', (l) => { l.noteAccepted(l.sends.get('k4'), 77); }, /every accepted event/, /4 and 77/],
  ['an id was answered that the log does not know', (l) => { l.sends.get('k4').ids = [77]; }, /every accepted event/, /as 77/],
  ['a refused event is in the log', (l) => { l.log.push({ ...l.log[9], id: 11, key: 'refused' }); }, /nothing is in the log/, /refused/],
  ['an event of nobody is in the log', (l) => { l.log.push({ ...l.log[9], id: 11, key: 'k77' }); }, /nothing is in the log/, /never sent/],
  ['the log is out of order', (l) => swap(l.log, 3, 4), /log is in order/, /4 follows 5/],
  ['time runs backwards', (l) => { l.log[4].createdAt = '2017'; }, /log is in order/, /5 was created before 4/],
  ['a slice lacks an event', (l) => { l.slices.splice(3, 1); }, /log is in order/, /4 is missing/],
  ['an answer outside of the contract', (l) => { l.oddAnswers.push({ key: 'k4', status: 500, text: '' }); }, /answers/, /500 for k4/],
  ['a receiver never had an event', (l) => { stream(l, 'webhook-loose').arrivals.splice(3, 1); }, /in each of its streams/, /never had 4/],
  ['an event was only ever refused', (l) => { stream(l, 'webhook-loose').arrivals[3].answer = 'refused'; }, /in each of its streams/, /had 4/],
  ['a receiver had what the log has not', (l) => { stream(l, 'webhook-loose').arrivals.push(arrivalOf({ id: 77 })); }, /nothing else/, /77/],
  ['a receiver had another event under an id', (l) => { stream(l, 'webhook-loose').arrivals[3].key = 'k5'; }, /nothing else/, /had 4 as another/],
  ['a signature does not verify', (l) => { stream(l, 'webhook-loose').complaints.push('unsigned'); }, /nothing else/, /unsigned/],
  ['a strict exchange is out of order', (l) => swap(stream(l, 'rabbit-strict').arrivals, 3, 4), /strict streams/, /4 came for the first time after 5/],
  ['a strict webhook is out of order', (l) => swap(stream(l, 'webhook-strict').arrivals, 3, 4), /strict streams/, /4 came/],
  ['a strict stream passes an event that failed', (l) => {
    const { arrivals } = stream(l, 'webhook-strict');
    arrivals[3].answer = 'refused';
    arrivals.splice(5, 0, arrivalOf(l.log[3]));
  }, /strict streams/, /4 came for the first time after 5/],
  ['a subject is out of order', (l) => swap(stream(l, 'webhook-subject').arrivals, 0, 3), /one subject/, /1 came/],
  ['more is repeated than the crash excuses', (l) => {
    const { arrivals } = stream(l, 'webhook-loose');
    arrivals.push(...arrivals.map((arrival) => ({ ...arrival, at: 12_000 })));
  }, /what is repeated/, /webhook-loose repeated 10, at most 5/],
  ['a repeat before anything was broken', (l) => { stream(l, 'webhook-loose').arrivals.splice(2, 0, arrivalOf(l.log[1])); }, /what is repeated/, /before/],
  ['a subscriber misses an event', (l) => { l.subscribers[0].ids.splice(2, 1); }, /live subscribers/, /7 is missing/],
  ['a subscriber misses the last event', (l) => { l.subscribers[0].ids.pop(); }, /live subscribers/, /10 is missing/],
  ['a subscriber has an event twice', (l) => { l.subscribers[0].ids.splice(3, 0, 6); }, /live subscribers/, /6 came twice/],
  ['a subscriber has events in another order', (l) => swap(l.subscribers[0].ids, 2, 3), /live subscribers/, /7 came after 8/],
  ['a subscriber was told of a gap', (l) => { l.subscribers[0].complaints.push('a gap'); }, /live subscribers/, /a gap/],
  ['a subscriber never began', (l) => { l.subscribers[0].start = undefined; }, /live subscribers/, /never began/],
  ['a feed reader misses an event', (l) => { l.feeds[0].ids.splice(2, 1); }, /feed readers/, /3 is missing/],
  ['a client sees again what it has marked', (l) => { l.feeds[1].ids.push(4); }, /feed readers/, /4 came twice/],
  ['something stays behind', (l) => { l.unrecovered.push('stream x is blocked'); }, /recovers/, /blocked/],
];

for (const [what, lie, rule, sentence] of lies) {
  test(`found: ${what}`, () => {
    const ledger = trueLedger();
    lie(ledger);
    const verdicts = broken(ledger);
    const verdict = verdicts.find(({ name }) => rule.test(name));
    assert.ok(verdict, `${rule} holds; broken are ${verdicts.map(({ name }) => name)}`);
    assert.match(verdict.broken.join('\n'), sentence);
  });
}
