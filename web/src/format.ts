/// Numbers and times as people read them.

const units: [number, string][] = [[86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/// "3 min", "2 h 5 min"; the two largest units.
export function duration(seconds: number): string {
  if (seconds < 1) return seconds < 0.001 ? 'under 1 ms' : `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of units) {
    if (left < size || parts.length === 2) continue;
    parts.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return parts.join(' ');
}

/// The same in one unit, for axes: "2.5 min".
export function roughly(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 1) return duration(seconds);
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.round((seconds / size) * 10) / 10} ${unit}`;
}

export const ago = (time: string, now: number): string => {
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 1 ? 'just now' : `${duration(Math.floor(seconds))} ago`;
};

export const until = (time: string, now: number): string => {
  const seconds = (Date.parse(time) - now) / 1000;
  return seconds < 1 ? 'now' : `in ${duration(Math.ceil(seconds))}`;
};

export const elapsed = (time: string, now: number): string => {
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 1 ? 'a moment' : duration(Math.floor(seconds));
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

export const clockTime = (time: string): string => clock.format(new Date(time));
export const dateTime = (time: string): string => `${day.format(new Date(time))}, ${clock.format(new Date(time))}`;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const count = (value: number): string => whole.format(value);

export function short(value: number): string {
  if (value === 0) return '0';
  if (value < 0.1) return value.toPrecision(1);
  if (value < 10) return String(Math.round(value * 10) / 10);
  if (value < 10_000) return whole.format(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(value < 1e5 ? 1 : 0)}k`;
  return `${(value / 1e6).toFixed(1)}M`;
}

/// "24 days", as people write "24days".
export const spaced = (amount: string): string => amount.replace(/^(\d+)([a-z])/, '$1 $2');

export const plural = (number: number, one: string, many = `${one}s`): string => `${count(number)} ${number === 1 ? one : many}`;
