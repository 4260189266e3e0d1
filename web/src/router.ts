/// Addresses within the page, behind the #: "#/streams/12?tab=dead". They can be bookmarked and need nothing of the server.
import { writable, useStore } from './store';

export interface Route { segments: string[]; query: URLSearchParams; text: string }

function parse(): Route {
  const text = location.hash.replace(/^#\/?/, '');
  const [path = '', query = ''] = text.split(/\?(.*)/s);
  return { segments: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query), text };
}

function decode(segment: string): string {
  try { return decodeURIComponent(segment); } catch { return segment; }
}

const current = writable(parse());
addEventListener('hashchange', () => current.set(parse()));

export const useRoute = (): Route => useStore(current);

/// "#/streams/12?tab=dead"; empty values are left out of the query.
export function to(segments: string[], query: Record<string, string | undefined> = {}): string {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) wanted.set(name, value);
  const text = wanted.toString();
  return `#/${segments.map(encodeURIComponent).join('/')}${text && `?${text}`}`;
}

export function go(hash: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  current.set(parse());
}
