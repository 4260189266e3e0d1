import { ago, dateTime, elapsed, until } from '../format';
import { useNow } from '../hooks';

/// "3 min ago", with the moment itself in the title.
export function Ago({ time }: { time: string }) {
  const now = useNow();
  return <time dateTime={time} title={`${dateTime(time)} (${time})`}>{ago(time, now)}</time>;
}

/// "in 14 s".
export function Until({ time }: { time: string }) {
  const now = useNow();
  return <time dateTime={time} title={`${dateTime(time)} (${time})`}>{until(time, now)}</time>;
}

/// "for 3 min".
export function For({ time }: { time: string }) {
  const now = useNow();
  return <time dateTime={time} title={`since ${dateTime(time)} (${time})`}>for {elapsed(time, now)}</time>;
}
