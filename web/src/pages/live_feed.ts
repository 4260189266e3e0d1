import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownEvent } from '../api/events';
import { follow, type LiveState } from '../api/live';

/// The page never holds more rows than this, and a pause keeps as many for later.
export const mostShown = 300;
const mostKept = 2_000;
const flushEvery = 200;

export interface LiveFeed {
  state: LiveState;
  note: string;
  /// Newest first.
  events: ShownEvent[];
  total: number;
  isPaused: boolean;
  /// How many came during the pause; of them, the last ones are kept.
  waiting: number;
  kept: number;
  pause(): void;
  goOn(): void;
  clear(): void;
}

/// Events as they come, drawn a few times a second whatever their rate.
export function useLiveFeed(types: string, subject: string, since: string): LiveFeed {
  const [state, setState] = useState<{ state: LiveState; note: string }>({ state: 'connecting', note: '' });
  const [events, setEvents] = useState<ShownEvent[]>([]);
  const [total, setTotal] = useState(0);
  const [isPaused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState({ count: 0, kept: 0 });
  const buffer = useRef<{ events: ShownEvent[]; count: number }>({ events: [], count: 0 });
  const paused = useRef(false);

  const flush = () => {
    const { events: fresh, count } = buffer.current;
    if (count === 0) return;
    buffer.current = { events: [], count: 0 };
    setEvents((shown) => [...fresh.reverse(), ...shown].slice(0, mostShown));
  };

  useEffect(() => {
    let came = 0;
    const end = follow({ types, subject, since }, {
      onState: (now, note) => setState({ state: now, note }),
      onEvent(event) {
        came += 1;
        const held = buffer.current;
        held.events.push(event);
        held.count += 1;
        if (held.events.length > mostKept + 200) held.events.splice(0, 200);
      },
    });
    const timer = setInterval(() => {
      setTotal(came);
      if (paused.current) setWaiting({ count: buffer.current.count, kept: Math.min(buffer.current.events.length, mostKept) });
      else flush();
    }, flushEvery);
    return () => {
      end();
      clearInterval(timer);
    };
  }, [types, subject, since]);

  return {
    ...state, events, total, isPaused, waiting: waiting.count, kept: waiting.kept,
    pause() { paused.current = true; setWaiting({ count: 0, kept: 0 }); setPaused(true); },
    goOn() { paused.current = false; setPaused(false); flush(); },
    clear() { setEvents([]); },
  };
}
