// What was sent, what came and what was broken on purpose: written by senders, readers and faults, judged by rules.mjs.
// Ids are numbers here; times are milliseconds since the epoch.

export class Ledger {
  /// By the sender's own id: { key, type, subject, outcome, ids }. `outcome` is 'unknown' until an answer says 'accepted' or
  /// 'refused'; `ids` are all the event ids that were answered for it.
  sends = new Map();
  /// Answers that the contract does not know: { key, status, text }.
  oddAnswers = [];
  /// { kind, target, from, to, times }: `times` counts what broke at once, such as connections.
  faults = [];
  /// StreamLedgers, LiveLedgers and FeedLedgers.
  streams = [];
  subscribers = [];
  feeds = [];
  /// The log as the feed shows it, oldest first: { id, key, type, subject, createdAt }; and the ids found by walking slices.
  log = [];
  slices = [];
  /// What had not recovered when patience ended; one sentence each.
  unrecovered = [];

  intend(key, type, subject) {
    const send = { key, type, subject, outcome: 'unknown', ids: [] };
    this.sends.set(key, send);
    return send;
  }

  noteAccepted(send, id) {
    send.outcome = 'accepted';
    if (!send.ids.includes(id)) send.ids.push(id);
  }

  count(outcome) {
    let count = 0;
    for (const send of this.sends.values()) if (send.outcome === outcome) count += 1;
    return count;
  }
}

/// One stream's destination. `window` is how many deliveries may be under way at once.
export class StreamLedger {
  /// { id, key, subject, at, answer }, in the order of arrival; `answer` is what the destination said: 'taken', 'refused', or 'cut' when
  /// the server cannot be sure of it. `isRedelivered`: the broker's own repeat.
  arrivals = [];
  /// Ids in the stream's dead list.
  dead = [];
  /// What is wrong with a request in itself (signature, a followed redirect); one sentence each.
  complaints = [];

  constructor({ name, source, order, types, window }) {
    Object.assign(this, { name, source, order, types, window });
  }
}

/// A live subscriber that comes back with the cursor it had.
export class LiveLedger {
  /// Where it began; everything of its types after this must come.
  start = undefined;
  ids = [];
  connections = 0;
  /// What the server said that it must not say here, such as a gap.
  complaints = [];

  constructor({ name, types }) { Object.assign(this, { name, types }); }
}

/// A reader of feeds: 'tail' follows the newest page, 'client' marks what it has processed.
export class FeedLedger {
  ids = [];
  complaints = [];
  start = undefined;

  constructor({ name, types }) { Object.assign(this, { name, types }); }
}

export const wants = (types, type) => types.includes(type);
