/// The key of whoever sits here: asked for once when the server wants one, exchanged for a short-lived token, which stays in
/// this tab. The key itself is kept nowhere.
import { writable } from '../store';

const storedAs = 'headwater.token';

interface Session { token: string; expires_at?: string }

function stored(): Session | undefined {
  try {
    const session = JSON.parse(sessionStorage.getItem(storedAs) ?? 'null') as Session | null;
    if (session && !(session.expires_at && Date.parse(session.expires_at) <= Date.now())) return session;
  } catch { /* not ours */ }
  return undefined;
}

let session = stored();
let waiting: { promise: Promise<void>; resolve: () => void; reject: (reason: Error) => void } | undefined;

/// Whether the form that asks for the key is open, whether there is a token, and whether somebody has put the form off.
export const keyForm = writable({ isOpen: false, isSignedIn: session !== undefined, isPutOff: false });
const noKey = () => new Error('A key is needed.');

export const token = (): string | undefined => session?.token;

export function authorization(): Record<string, string> {
  return session ? { Authorization: `Bearer ${session.token}` } : {};
}

/// Opens the form, since this token (or none) was refused; resolves once a key was taken, rejects when it is put off. Once it was
/// put off it does not come back by itself.
export function askForKey(refused: string | undefined): Promise<void> {
  if (session && session.token !== refused) return Promise.resolve(); // a newer one is there already
  if (session) forget();
  return keyForm.get().isPutOff ? Promise.reject(noKey()) : openKeyForm();
}

export function openKeyForm(): Promise<void> {
  if (!waiting) {
    let resolve = () => {};
    let reject: (reason: Error) => void = () => {};
    const promise = new Promise<void>((yes, no) => { resolve = yes; reject = no; });
    promise.catch(() => {});
    waiting = { promise, resolve, reject };
    keyForm.set({ isOpen: true, isSignedIn: false, isPutOff: false });
  }
  return waiting.promise;
}

/// Exchanges a key. Resolves to a sentence when it was not taken.
export async function signIn(key: string): Promise<string | undefined> {
  const answer = await fetch(new URL('sessions', document.baseURI), {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key }),
  }).catch(() => undefined);
  if (!answer) return 'The server cannot be reached.';
  const body = await answer.json().catch(() => ({})) as Session & { error?: string };
  if (!answer.ok || !body.token) return body.error ?? `The server answered ${answer.status}.`;
  session = { token: body.token, expires_at: body.expires_at };
  sessionStorage.setItem(storedAs, JSON.stringify(session));
  keyForm.set({ isOpen: false, isSignedIn: true, isPutOff: false });
  waiting?.resolve();
  waiting = undefined;
  return undefined;
}

export function putOff(): void {
  waiting?.reject(noKey());
  waiting = undefined;
  keyForm.set({ isOpen: false, isSignedIn: false, isPutOff: true });
}

export function forget(): void {
  session = undefined;
  sessionStorage.removeItem(storedAs);
  keyForm.set({ ...keyForm.get(), isSignedIn: false });
}
