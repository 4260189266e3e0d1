/// Requests to the API beside which this page is served.
import { askForKey, authorization, isOut, token } from './session';
import type { Link, Problem } from './types';

/// An answer that is no success; `message` is the server's plain sentence.
export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail ?? problem.error ?? sentenceFor(status));
  }

  /// What is wrong with the member that this JSON pointer names.
  at(pointer: string): string | undefined {
    return this.problem.errors?.find((error) => error.pointer === pointer)?.detail;
  }
}

function sentenceFor(status: number): string {
  if (status === 0) return 'The server cannot be reached.';
  if (status === 403) return 'This key may not do that.';
  return `The server answered ${status}.`;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/// The address of a path of the API, wherever the page itself stands.
export const address = (path: string): URL => new URL(path.replace(/^\//, ''), document.baseURI.replace(/[#?].*$/, ''));

/// A link given by the server, as a path of the server that this page came from: `--public-url` may name another door to it.
export function pathOf(href: string): string {
  const url = new URL(href, document.baseURI);
  const start = url.pathname.search(/\/(api|publish|subscriptions|events)\//);
  return (start < 0 ? url.pathname : url.pathname.slice(start)) + url.search;
}

export const linkTo = (links: Link[] | undefined, rel: string): string | undefined => {
  const found = links?.find((link) => link.rel === rel && !link.templated);
  return found && pathOf(found.href);
};

async function send(method: Method, path: string, body: unknown, signal?: AbortSignal, more?: Record<string, string>): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...authorization(), ...more };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(address(path), {
      method, headers, signal, body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, {});
  }
}

const keyNeeded = () => new ApiError(401, { detail: 'A key is needed.' });

/// The answer once it is a good one; asks for a key when one is needed. Rejects with an ApiError.
async function answerTo(method: Method, path: string, body?: unknown, signal?: AbortSignal, headers?: Record<string, string>): Promise<Response> {
  if (isOut()) throw keyNeeded();
  const shown = token();
  let answer = await send(method, path, body, signal, headers);
  if (answer.status === 401) {
    await askForKey(shown).catch(() => { throw keyNeeded(); });
    answer = await send(method, path, body, signal, headers);
  }
  if (answer.ok) return answer;
  throw new ApiError(answer.status, problemIn(await answer.text()));
}

/// The answer's own text.
export const callText = async (method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<string> =>
  (await answerTo(method, path, body, signal)).text();

/// A document with its tag, so that a change does not undo somebody else's.
export async function getTagged<T>(path: string, signal?: AbortSignal): Promise<{ value: T; tag: string | null }> {
  const answer = await answerTo('GET', path, undefined, signal);
  return { value: await answer.json() as T, tag: answer.headers.get('ETag') };
}

/// Stores what was read with that tag, unless it has changed since.
export async function storeTagged<T>(method: Method, path: string, body: unknown, tag: string | null): Promise<T> {
  const answer = await answerTo(method, path, body, undefined, tag ? { 'If-Match': tag } : {}).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 412) throw new ApiError(412, { detail: 'Somebody else has changed it meanwhile: reload this page to see how it is now.' });
    throw error;
  });
  return await answer.json() as T;
}

function problemIn(text: string): Problem {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value as Problem : {};
  } catch {
    return {};
  }
}

export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const text = await callText(method, path, body, signal);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>('GET', path, undefined, signal);

/// All pages of a list, along its links, up to a number of pages.
export async function getAll<T>(path: string, member: string, signal?: AbortSignal, pages = 10): Promise<T[]> {
  const all: T[] = [];
  let next: string | undefined = path;
  for (let page = 0; next && page < pages; page += 1) {
    const found: Record<string, unknown> & { links: Link[] } = await get(next, signal);
    all.push(...found[member] as T[]);
    next = linkTo(found.links, 'next') ?? linkTo(found.links, 'more');
  }
  return all;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/// No use in asking again: somebody must sign in, perhaps with another key.
export const isRefused = (error: unknown): boolean => error instanceof ApiError && (error.status === 401 || error.status === 403);
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
