/// Live events over a WebSocket that comes back by itself: after a lost connection it resumes behind the last id that it saw.
import { address, get } from './client';
import { readEvent, type ShownEvent } from './events';
import { token } from './session';

export type LiveState = 'connecting' | 'connected' | 'not connected';

export interface LiveListener {
  onState(state: LiveState, note: string): void;
  onEvent(event: ShownEvent): void;
}

interface Frame { cursor?: string; recovered?: boolean; gap?: boolean; error?: string; id?: string }

const longestWait = 15_000;

/// Connects at once; the result ends it for good.
export function follow(query: { types: string; subject: string; since: string }, listener: LiveListener): () => void {
  let cursor = query.since;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isOver = false;

  const target = () => {
    const url = address('api/events/');
    url.protocol = url.protocol.replace('http', 'ws');
    if (query.types) url.searchParams.set('types', query.types);
    if (query.subject) url.searchParams.set('subject', query.subject);
    if (cursor) url.searchParams.set('since', cursor);
    return url;
  };

  /// The server ends a socket like this when its key does: an answer over HTTP tells at once, and asks for another key.
  const askWhy = () => {
    failures += 1;
    listener.onState('connecting', 'The server has ended the connection, as it does when a key is no longer good. Asking why …');
    void connect();
  };

  const comeBack = (why: string) => {
    if (isOver) return;
    const wait = Math.min(longestWait, 500 * 2 ** failures) * (0.75 + Math.random() / 2);
    failures += 1;
    listener.onState('connecting', `${why} Trying again in ${Math.ceil(wait / 1000)} s${cursor ? `, from ${cursor} on` : ''}.`);
    timer = setTimeout(() => void connect(), wait);
  };

  const onFrame = (text: string) => {
    const frame = JSON.parse(text) as Frame;
    if (frame.id !== undefined) {
      const event = readEvent(text);
      if (!event.ephemeral) cursor = event.id;
      listener.onEvent(event);
    } else if (frame.cursor !== undefined) {
      cursor = frame.cursor;
      failures = 0;
      if (frame.gap !== undefined) listener.onState('connected', noteOn(frame));
    }
  };

  const connect = async () => {
    try {
      // Only an answer over HTTP can say that a key is needed, or why the filters are no good.
      const check = new URLSearchParams({ limit: '1', ...(query.types && { types: query.types }) });
      await get(`api/events/feed/minute/current?${check.toString()}`);
    } catch (error) {
      if (isOver) return;
      const status = (error as { status?: number }).status ?? 0;
      if (status >= 400 && status < 500) {
        listener.onState('not connected', (error as Error).message);
        return;
      }
      comeBack('The server does not answer.');
      return;
    }
    if (isOver) return;
    socket = new WebSocket(target());
    socket.onopen = () => { if (token()) socket?.send(JSON.stringify({ token: token() })); };
    socket.onmessage = ({ data }) => onFrame(data as string);
    socket.onclose = ({ code, reason }): void => {
      if (isOver) return;
      if (code === 4008 && /^\d+$/.test(reason)) cursor = reason;
      if (code === 1008 && failures === 0) return askWhy();
      comeBack(code === 4008 ? 'This page was too slow.' : 'The connection was lost.');
    };
  };

  listener.onState('connecting', '');
  void connect();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket?.close(1000);
  };
}

function noteOn({ recovered, gap }: Frame): string {
  if (gap) return 'Some events between the last one and these have expired.';
  return recovered ? 'Resumed: nothing is missing.' : '';
}
