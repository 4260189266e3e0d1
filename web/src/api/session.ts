/// The key of whoever sits here: asked for once when the server wants one, exchanged for a short-lived token, which stays in
/// this tab. The key itself is kept nowhere.
import { writable } from '../store';
import { scopesOf, type Grant } from './scopes';

const storedAs = 'headwater.token';

interface Session { token: string; expires_at?: string; key?: string; scopes?: Grant[] }

/// Why there is no key now: none was given yet, its hour is over, the server does not take it any more, or it was signed out.
export type Lack = 'none' | 'over' | 'refused' | 'signed out';

/// Whether somebody is signed in, the form that asks for a key is open, or the pages are put away until somebody signs in.
export interface Access { isSignedIn: boolean; isAsking: boolean; isOut: boolean; lack: Lack; key?: string; scopes?: Grant[] }

const isOver = ({ expires_at: end }: Session): boolean => end !== undefined && Date.parse(end) <= Date.now();

function stored(): Session | undefined {
  try {
    const session = JSON.parse(sessionStorage.getItem(storedAs) ?? 'null') as Session | null;
    if (session && !isOver(session)) return session;
    sessionStorage.removeItem(storedAs);
    return undefined;
  } catch {
    return undefined; // not ours
  }
}

let session = stored();
let waiting: { promise: Promise<void>; resolve: () => void; reject: (reason: Error) => void } | undefined;

const signedIn = ({ key, scopes }: Session): Access => ({ isSignedIn: true, isAsking: false, isOut: false, lack: 'none', key, scopes: scopesOf(scopes) });

export const access = writable<Access>(session ? signedIn(session) : { isSignedIn: false, isAsking: false, isOut: false, lack: 'none' });
const noKey = () => new Error('A key is needed.');

export const token = (): string | undefined => session?.token;
/// The pages are put away: nothing is asked of the server until somebody signs in.
export const isOut = (): boolean => access.get().isOut;

export function authorization(): Record<string, string> {
  return session ? { Authorization: `Bearer ${session.token}` } : {};
}

/// A line for a terminal, with the place for the key that the server wants.
export const withKey = (line: string): string =>
  (access.get().isSignedIn && !line.includes('x-api-key') ? line.replace(/^curl /gm, 'curl -H "Authorization: Bearer $KEY" ') : line);

function forget(): void {
  session = undefined;
  sessionStorage.removeItem(storedAs);
}

/// Opens the form, since this token (or none) was refused; resolves once a key was taken, rejects when it is put off. Once it was
/// put off it does not come back by itself.
export function askForKey(refused: string | undefined): Promise<void> {
  if (session && session.token !== refused) return Promise.resolve(); // a newer one is there already
  if (isOut()) return Promise.reject(noKey());
  const lack = session ? (isOver(session) ? 'over' : 'refused') : access.get().lack;
  forget();
  return openKeyForm(lack);
}

export function openKeyForm(lack: Lack = access.get().lack): Promise<void> {
  if (!waiting) {
    let resolve = () => {};
    let reject: (reason: Error) => void = () => {};
    const promise = new Promise<void>((yes, no) => { resolve = yes; reject = no; });
    promise.catch(() => {});
    waiting = { promise, resolve, reject };
    access.set({ ...access.get(), isSignedIn: false, isAsking: true, lack });
  }
  return waiting.promise;
}

/// Exchanges a key. Resolves to a sentence when it was not taken.
export async function signIn(key: string): Promise<string | undefined> {
  const answer = await fetch(new URL('sessions', document.baseURI), {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key }),
  }).catch(() => undefined);
  if (!answer) return 'The server cannot be reached.';
  const body = await answer.json().catch(() => ({})) as Session & { detail?: string; errors?: { detail: string }[] };
  if (!answer.ok || !body.token) return body.errors?.[0]?.detail ?? body.detail ?? `The server answered ${answer.status}.`;
  if (body.token === key) { // keys are off by now
    access.set({ isSignedIn: false, isAsking: false, isOut: false, lack: 'none' });
  } else {
    session = { token: body.token, expires_at: body.expires_at, key: body.key, scopes: body.scopes };
    sessionStorage.setItem(storedAs, JSON.stringify(session));
    access.set(signedIn(session));
  }
  waiting?.resolve();
  waiting = undefined;
  return undefined;
}

function leave(lack: Lack): void {
  forget();
  access.set({ isSignedIn: false, isAsking: false, isOut: true, lack });
  waiting?.reject(noKey());
  waiting = undefined;
}

export function putOff(): void {
  if (!session) return leave(access.get().lack);
  access.set(signedIn(session)); // only another key was thought of
  waiting?.reject(noKey());
  waiting = undefined;
}
export const signOut = (): void => leave('signed out');
