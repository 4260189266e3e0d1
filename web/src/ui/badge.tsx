import { Icon, type IconName } from './icon';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'info';

const known: Record<string, [Tone, IconName]> = {
  running: ['good', 'check'], retrying: ['warn', 'retry'], paused: ['quiet', 'pause'], blocked: ['bad', 'alert'],
  Ok: ['good', 'check'], Dead: ['bad', 'dead'], Unknown: ['quiet', 'unknown'],
  delivered: ['good', 'check'], pending: ['info', 'clock'], dead: ['bad', 'dead'], expired: ['quiet', 'clock'],
  'not-registered-then': ['quiet', 'unknown'], failed: ['bad', 'alert'], unavailable: ['warn', 'alert'], rejected: ['bad', 'dead'],
  stop: ['bad', 'stop'], done: ['good', 'check'], cancelled: ['quiet', 'stop'], ready: ['good', 'check'], 'not ready': ['bad', 'alert'],
  processed: ['good', 'check'], connected: ['good', 'check'], connecting: ['warn', 'retry'], 'not connected': ['quiet', 'stop'],
};

/// A state: its word, an icon and a colour.
export function Badge({ state }: { state: string }) {
  const [tone, icon] = known[state] ?? ['quiet', 'unknown'];
  return <span class={`badge ${tone}`}><Icon name={icon} />{state}</span>;
}

export const toneOf = (state: string): Tone => known[state]?.[0] ?? 'quiet';
