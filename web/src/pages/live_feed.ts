import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownEvent } from '../api/events';
import { follow, type LiveState } from '../api/live';

/// The page never holds more rows than this, and a pause keeps as many for later.
export const mostShown = 300;
const mostKept = 2_000;
/// Both are bounded in characters too: a payload may have a million.
const mostText = 16 << 20;
const flushEvery = 200;

/// Of events, the newest first, those that the page may hold.
function withinBounds(events: ShownEvent[]): ShownEvent[] {
  let text = 0;
  const end = events.findIndex((event, i) => i >= mostShown || (text += event.text.length) > mostText);
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}

/// What came since it was last drawn.
class Arrivals {
  events: ShownEvent[] = [];
  count = 0;
  #text = 0;

  add(event: ShownEvent): void {
    this.events.push(event);
    this.count += 1;
    this.#text += event.text.length;
    while (this.events.length > 1 && (this.events.length > mostKept || this.#text > mostText)) this.#text -= this.events.shift()!.text.length;
  }
}

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
  const buffer = useRef(new Arrivals());
  const paused = useRef(false);

  const flush = () => {
    const { events: fresh, count } = buffer.current;
    if (count === 0) return;
    buffer.current = new Arrivals();
    setEvents((shown) => withinBounds([...fresh.reverse(), ...shown]));
  };

  useEffect(() => {
    let came = 0;
    const end = follow({ types, subject, since }, {
      onState: (now, note) => setState({ state: now, note }),
      onEvent(event) {
        came += 1;
        buffer.current.add(event);
      },
    });
    const timer = setInterval(() => {
      setTotal(came);
      if (paused.current) setWaiting({ count: buffer.current.count, kept: buffer.current.events.length });
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
