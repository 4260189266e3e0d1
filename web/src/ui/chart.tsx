import { useEffect, useId, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from '../store';
import { theme } from '../theme';

export interface Line { name: string; values: (number | null)[]; colour: string; fill?: boolean }

interface Props {
  title: string;
  unit: (value: number) => string;
  /// How the axis says it, where there is less room.
  tick?: (value: number) => string;
  times: number[];
  lines: Line[];
  empty?: string;
}

const colourOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/// Two minutes at least: uPlot would make a day of a single point.
function extentOf({ data: [times] }: uPlot): [number, number] {
  const last = times.at(-1) ?? 0;
  return [Math.min(times[0] ?? last, last - 120), last];
}

function optionsOf({ unit, tick = unit, lines }: Props, width: number, height: number, onPoint: (index: number | null) => void): uPlot.Options {
  const quiet = colourOf('text-quiet');
  const grid = { stroke: colourOf('grid'), width: 1 };
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.7)}px system-ui, sans-serif`;
  return {
    width, height,
    padding: [rem * 0.5, rem * 0.5, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
    scales: { x: { range: extentOf }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
    axes: [
      { stroke: quiet, font, grid: { show: false }, ticks: { show: false }, space: rem * 5, size: rem * 1.4, gap: 6,
        values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })) },
      { stroke: quiet, font, grid, ticks: { show: false }, space: rem * 2.2, size: rem * 3.6, gap: 6, values: (_, ticks) => ticks.map(tick) },
    ],
    series: [{}, ...lines.map((line): uPlot.Series => {
      const stroke = colourOf(line.colour);
      return { label: line.name, stroke, width: 1.6, points: { show: line.values.filter((v) => v !== null).length < 3 }, spanGaps: false,
        fill: line.fill ? `color-mix(in srgb, ${stroke} 14%, transparent)` : undefined };
    })],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/// A chart over time with its latest values as text. The values under the pointer stand in the legend.
export function Chart(props: Props) {
  const { title, unit, times, lines, empty = 'Nothing yet' } = props;
  const box = useRef<HTMLDivElement>(null);
  const values = useRef<(HTMLElement | null)[]>([]);
  const plot = useRef<uPlot>();
  const latest = useRef(props);
  latest.current = props;
  const id = useId();
  const shade = useStore(theme.shown);

  const tell = (index: number | null) => latest.current.lines.forEach((line, i) => {
    const value = line.values.at(index ?? -1);
    const place = values.current[i];
    if (place) place.textContent = value === null || value === undefined ? '–' : latest.current.unit(value);
  });
  const names = lines.map((line) => line.name).join('\n');
  const isEmpty = times.length === 0;

  useEffect(() => {
    const element = box.current;
    if (!element || isEmpty) return undefined;
    const size = () => ({ width: Math.max(120, element.clientWidth), height: Math.max(80, element.clientHeight) });
    const { width, height } = size();
    const made = new uPlot(optionsOf(latest.current, width, height, tell), dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, shade, isEmpty]);

  useEffect(() => {
    plot.current?.setData(dataOf(props));
    tell(plot.current?.cursor.idx ?? null);
  }, [times, lines]);

  return (
    <figure class="chart card" aria-labelledby={id}>
      <figcaption>
        <span id={id}>{title}</span>
        <ul class="legend">
          {lines.map((line, i) => {
            const value = line.values.at(-1);
            return (
              <li key={line.name}>
                <span class={`swatch ${line.colour}`} />{line.name}{' '}
                <b ref={(element) => { values.current[i] = element; }}>{value === null || value === undefined ? '–' : unit(value)}</b>
              </li>
            );
          })}
        </ul>
      </figcaption>
      <div class="plot" ref={box} aria-hidden="true">{isEmpty && <p class="loading">{empty}</p>}</div>
    </figure>
  );
}

const dataOf = ({ times, lines }: Props): uPlot.AlignedData => [times, ...lines.map((line) => line.values)];
