import { useMemo } from 'preact/hooks';
import { isBuiltIn } from '../api/built_in';
import type { Stats, Stream } from '../api/types';
import { count, duration, roughly, short } from '../format';
import { Chart, type Line } from '../ui/chart';

const colours = ['chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6', 'chart-7', 'chart-8'];
const resultColours: Record<string, string> = { delivered: 'chart-good', failed: 'chart-bad', unavailable: 'chart-warn', rejected: 'chart-4', stop: 'chart-7', dead: 'chart-6' };

const perSecond = (value: number) => `${short(value)}/s`;
const seconds = (value: number) => (value === 0 ? '0' : duration(value));

function intake(stats: Stats): Line[] {
  const total: Line = { name: 'all types', values: stats.accepted, colour: 'chart-1', fill: true };
  const drawn = stats.types.filter((type) => !isBuiltIn(type.type) && type.accepted?.some((rate) => rate > 0)).slice(0, 4);
  if (drawn.length < 2) return [total];
  return [total, ...drawn.map((type, i) => ({ name: type.type, values: type.accepted!, colour: colours[i + 1]! }))];
}

const results = ['delivered', 'failed', 'unavailable', 'rejected', 'stop', 'dead'];

function deliveries(stats: Stats): Line[] {
  const others = Object.keys(stats.deliveries).filter((result) => !results.includes(result));
  const shown = [...results, ...others].filter((result) => result === 'delivered' || stats.deliveries[result]);
  return shown.map((result) => ({
    name: result, values: stats.deliveries[result] ?? stats.times.map(() => 0), colour: resultColours[result] ?? 'chart-8', fill: result === 'delivered',
  }));
}

export function Charts({ stats }: { stats: Stats }) {
  const times = useMemo(() => stats.times.map((time) => Date.parse(time) / 1000), [stats]);
  const lines = useMemo(() => ({
    intake: intake(stats),
    append: [{ name: 'p99', values: stats.append.p99, colour: 'chart-3' }, { name: 'p50', values: stats.append.p50, colour: 'chart-1', fill: true }],
    deliveries: deliveries(stats),
    lag: [{ name: 'events', values: stats.lag.events, colour: 'chart-4', fill: true }],
    oldest: [{ name: 'oldest', values: stats.lag.oldest_seconds, colour: 'chart-3', fill: true }],
    live: [{ name: 'messages', values: stats.live.messages, colour: 'chart-2', fill: true }],
  }), [stats]);
  const empty = 'The first figures come in five seconds';
  return (
    <div class="charts">
      <Chart title="Intake" unit={perSecond} times={times} lines={lines.intake} empty={empty} />
      <Chart title="Time of an append" unit={seconds} tick={roughly} times={times} lines={lines.append} empty={empty} />
      <Chart title="Attempts to deliver" unit={perSecond} times={times} lines={lines.deliveries} empty={empty} />
      <Chart title="Events that streams still wait to deliver" unit={(value) => short(Math.round(value))} times={times} lines={lines.lag} empty={empty} />
      <Chart title="Age of the oldest of them" unit={seconds} tick={roughly} times={times} lines={lines.oldest} empty={empty} />
      <Chart title="Messages to live subscribers" unit={perSecond} times={times} lines={lines.live} empty={empty} />
    </div>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return <div class="figure card"><dt>{name}</dt><dd>{value}{note && <small>{note}</small>}</dd></div>;
}

const lastOf = <T,>(values: T[]): T | undefined => values.at(-1);
/// Of the last minute: a single step jumps too much to be read.
const meanOf = (values: number[]) => {
  const recent = values.slice(-12);
  return recent.length ? recent.reduce((sum, value) => sum + value, 0) / recent.length : 0;
};

export function Figures({ stats, streams }: { stats: Stats; streams: Stream[] }) {
  const append = [...stats.append.p99].reverse().find((value) => value !== null);
  const waiting = streams.reduce((sum, stream) => sum + (stream.lag?.events ?? 0), 0);
  const isAtLeast = streams.some((stream) => stream.lag?.atLeast);
  const oldest = Math.max(0, ...streams.map((stream) => stream.lag?.seconds ?? 0));
  return (
    <dl class="figures">
      <Figure name="Events in" value={perSecond(meanOf(stats.accepted))} note="last minute" />
      <Figure name="Append, p99" value={append === undefined ? '–' : duration(append!)} note="last one" />
      <Figure name="Delivered" value={perSecond(meanOf(stats.deliveries.delivered ?? []))} note="last minute" />
      <Figure name="Waiting" value={`${isAtLeast ? 'over ' : ''}${count(waiting)}`} note={oldest > 0 ? `oldest ${duration(oldest)}` : 'nothing waits'} />
      <Figure name="Live subscribers" value={count(lastOf(stats.live.connections) ?? 0)} note="now" />
    </dl>
  );
}
