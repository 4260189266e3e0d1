// How much may come twice, and why.
import { prefetch } from './registrations.mjs';

/// A restart repeats what was under way and about a second's worth: cursors are saved once a second, and that takes a moment.
const unsavedMilliseconds = 2000;

const databaseFaults = new Set(['postgres-kill', 'postgres-stop', 'cut-postgres']);
const restarts = new Set(['node-kill', 'node-restart', 'node-stop', 'harness-stall', ...databaseFaults]);
const brokerFaults = new Set(['rabbit-kill', 'rabbit-alarm', 'cut-rabbit']);

/// Arrivals of what this destination had taken before. The broker's own repeats to its consumers are not the stream's.
export function repeatsOf({ arrivals }) {
  const taken = new Set();
  return arrivals.filter(({ id, answer, isRedelivered }) => {
    const isRepeat = taken.has(id) && !isRedelivered;
    if (answer === 'taken') taken.add(id);
    return isRepeat;
  });
}

/// The most repeats that these faults excuse at this stream.
export function allowedRepeats(stream, faults) {
  const { source, order, name, window, arrivals } = stream;
  let allowed = 0;
  for (const fault of faults) {
    const { kind, target, from, times } = fault;
    if (restarts.has(kind)) allowed += window + arrivedBetween(arrivals, unsavedSince(fault, faults), from);
    if (kind === 'harness-stall') allowed += window;
    if (source === 'rabbit' && brokerFaults.has(kind)) allowed += window + (kind === 'rabbit-kill' ? prefetch : 0);
    if (kind === 'cut-webhook' && target === name) allowed += Math.max(times, window);
  }
  if (order === 'strict') allowed += window * failuresOf(arrivals);
  return allowed;
}

/// While PostgreSQL was away no cursor was saved.
function unsavedSince({ from }, faults) {
  const since = from - unsavedMilliseconds;
  const away = faults.filter((fault) => databaseFaults.has(fault.kind) && fault.from < from && fault.to > since);
  return Math.min(since, ...away.map((fault) => fault.from - unsavedMilliseconds));
}

const arrivedBetween = (arrivals, from, to) => arrivals.filter(({ at }) => at >= from && at <= to).length;

/// How often a strict stream has had to go back: it repeats what was under way behind the event that failed.
const failuresOf = (arrivals) =>
  arrivals.filter(({ answer }, i) => answer !== 'taken' && (i === 0 || arrivals[i - 1].answer === 'taken')).length;
