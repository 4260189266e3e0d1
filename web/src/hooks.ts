import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isRefused, messageOf } from './api/client';
import { allows, type Scope } from './api/scopes';
import { access } from './api/session';
import { notify } from './ui/notices';
import { useStore, writable } from './store';

export interface Loaded<T> { value?: T; error?: Error; reload(): Promise<void> }

/// What may the key of whoever looks do? Without keys: everything.
export function useMay(): (scope: Scope, type?: string) => boolean {
  const { scopes } = useStore(access);
  return (scope, type) => allows(scopes, scope, type);
}

/// Loads at once, when `key` or whoever is signed in changes, and every `every` ms while somebody looks; keeps the last value while
/// the next one comes, unless it is refused.
export function usePoll<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every: number | ((value: T | undefined) => number) = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: Error }>({ key });
  const run = useRef<() => Promise<void>>(async () => {});
  const { key: holder } = useStore(access);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let latest: T | undefined;
    let isAnswered = false; // with a refusal that the same key would get again
    const again = () => {
      clearTimeout(timer);
      const pause = typeof every === 'number' ? every : every(latest);
      if (pause > 0 && !isAnswered && !abort.signal.aborted) timer = setTimeout(() => void run.current(), pause);
    };
    const once = async () => {
      try {
        const value = await load(abort.signal);
        latest = value;
        isAnswered = false;
        if (!abort.signal.aborted) setState({ key, value });
      } catch (reason) {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        isAnswered = isRefused(reason);
        if (!abort.signal.aborted) setState((before) => ({ key, value: before.key === key && !isRefused(reason) ? before.value : undefined, error }));
      }
    };
    run.current = async () => {
      if (!document.hidden) await once();
      again();
    };
    const onVisible = () => { if (!document.hidden && every !== 0 && !isAnswered) void run.current(); };
    document.addEventListener('visibilitychange', onVisible);
    void once().then(again);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [key, holder]);
  const reload = useCallback(() => run.current(), []);
  return state.key === key ? { value: state.value, error: state.error, reload } : { reload };
}

export interface Action { isBusy: boolean; error?: Error; run(): Promise<void> }

/// Something that a button does: one at a time; says how it ended. A form shows its mistakes itself.
export function useAction(work: () => Promise<string | void>, mistakes: 'said' | 'shown' = 'said'): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      const said = await work();
      if (said) notify(said);
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      if (mistakes === 'said') notify(messageOf(reason), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run };
}

const now = writable(Date.now());
setInterval(() => { if (!document.hidden) now.set(Date.now()); }, 1000);

/// The time, a second at a time.
export const useNow = (): number => useStore(now);

export function useTitle(title: string): void {
  useEffect(() => { document.title = title ? `${title} · Headwater` : 'Headwater'; }, [title]);
}
