import { useEffect } from 'preact/hooks';
import { useStore, writable } from '../store';
import { address } from './client';

export interface Readiness { isReady: boolean; reasons: string[] }

const readiness = writable<Readiness | undefined>(undefined);

async function ask(): Promise<void> {
  try {
    const answer = await fetch(address('readyz'), { cache: 'no-store', signal: AbortSignal.timeout(8000) });
    const body = await answer.json() as { reasons?: string[] };
    readiness.set({ isReady: answer.ok, reasons: body.reasons ?? [] });
  } catch {
    readiness.set({ isReady: false, reasons: ['The server cannot be reached from this browser.'] });
  }
}

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/// Whether the server takes traffic, and what stands against it; asked every few seconds while somebody looks.
export function useReadiness(): Readiness | undefined {
  useEffect(() => {
    if ((watchers += 1) === 1) {
      void ask();
      timer = setInterval(() => { if (!document.hidden) void ask(); }, 5000);
    }
    return () => { if ((watchers -= 1) === 0) clearInterval(timer); };
  }, []);
  return useStore(readiness);
}
