/// Is anything stuck, since when, why, and what will happen next: the same answer everywhere.
import { plural } from '../format';
import type { Monitor, Stream } from './types';

/// What will happen by itself, or what somebody has to do. `at` is the moment of it, when it is known.
export interface Outlook { text: string; at?: string }

export function outlookOf(stream: Stream): Outlook {
  const at = stream.next_attempt_at;
  switch (stream.state) {
    case 'running':
      return { text: stream.lag && stream.lag.events > 0 ? 'It is delivering what waits.' : 'It waits for events.' };
    case 'paused':
      return { text: 'Nothing is sent until somebody resumes it; what comes meanwhile waits.' };
    case 'blocked':
      return at ? { text: 'The cursor waits. The destination is tried again', at } : { text: 'The cursor waits and goes on by itself once the destination is back.' };
    case 'retrying':
      if (stream.order === 'strict') {
        return { text: at ? 'The events behind it wait. Skip gives it up; else it is tried again' : 'The events behind it wait while it is tried again.', at };
      }
      return { text: at ? 'Other events go on. The next attempt is' : 'Other events go on; it is being tried again.', at };
  }
}

export interface Trouble {
  key: string;
  tone: 'bad' | 'warn' | 'quiet';
  state: string;
  kind: string;
  name: string;
  href: string;
  since?: string;
  reason: string;
  outlook: Outlook;
}

/// The longer ago, the further back a stream may be before that alone is worth a line: it is running, but does not catch up.
const lateAfter = 60;

export const nameOf = (stream: Stream): string => (stream.type ? `${stream.type} → ${stream.name}` : stream.name);

function troubleOf(stream: Stream): Trouble | undefined {
  const common = { key: `stream-${stream.id}`, kind: `${stream.source} stream`, name: nameOf(stream), href: `#/streams/${stream.id}` };
  if (stream.state !== 'running') {
    const reason = stream.last_error ?? (stream.state === 'paused' ? 'Somebody paused it.' : 'The destination does not take events.');
    const tone = stream.state === 'blocked' ? 'bad' : stream.state === 'paused' ? 'quiet' : 'warn';
    return { ...common, tone, state: stream.state, since: stream.since, reason, outlook: outlookOf(stream) };
  }
  if (stream.lag && stream.lag.seconds > lateAfter) {
    const reason = `${plural(stream.lag.events, 'event')}${stream.lag.atLeast ? ' or more' : ''} wait; the oldest came long ago.`;
    const since = new Date(Date.now() - stream.lag.seconds * 1000).toISOString();
    return { ...common, tone: 'warn', state: 'late', since, reason, outlook: outlookOf(stream) };
  }
  return undefined;
}

function deadOf(stream: Stream): Trouble | undefined {
  if (!stream.dead) return undefined;
  return {
    key: `dead-${stream.id}`, tone: 'bad', state: 'dead', kind: `${stream.source} stream`, name: nameOf(stream), href: `#/streams/${stream.id}?tab=dead`,
    reason: `${plural(stream.dead, 'event')} ${stream.dead === 1 ? 'was' : 'were'} given up.`,
    outlook: { text: 'They stay until they expire. Retry them once the destination is mended.' },
  };
}

function lateMonitor(monitor: Monitor): Trouble | undefined {
  if (monitor.status !== 'Dead') return undefined;
  return {
    key: `monitor-${monitor.id}`, tone: 'bad', state: 'Dead', kind: 'monitor', name: monitor.name, href: `#/monitors/${monitor.id}`, since: monitor.status_since,
    reason: monitor.last_check_in ? 'It has missed its check-in, or has reported a failure.' : 'It has never checked in.',
    outlook: { text: monitor.paused ? 'Its clock is paused; a check-in brings it back.' : 'The next check-in brings it back.' },
  };
}

const weight = { bad: 0, warn: 1, quiet: 2 };

/// Everything that an operator should look at, the worst first, of equals the oldest first.
export function troublesOf(streams: Stream[], monitors: Monitor[]): Trouble[] {
  const all = [...streams.flatMap((stream) => [troubleOf(stream), deadOf(stream)]), ...monitors.map(lateMonitor)];
  return all.filter((trouble) => trouble !== undefined)
    .sort((a, b) => weight[a.tone] - weight[b.tone] || (a.since ?? '').localeCompare(b.since ?? ''));
}
