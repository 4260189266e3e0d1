/// Server-Sent Events over fetch, which can carry a key in a header, unlike EventSource.
import { address, ApiError } from './client';
import { askForKey, authorization, isOut, token } from './session';
import type { Problem } from './types';

export interface SseMessage { event: string; id: string; data: string }

export interface SseListener {
  onOpen(): void;
  onMessage(message: SseMessage): void;
  /// `error` when it was refused or cut off; nothing when the server ended it. After "over" there is nothing more to read.
  onEnd(error?: Error | 'over'): void;
}

/// Cuts a text into messages; keeps what is not whole yet.
export function messageReader(take: (message: SseMessage) => void): (text: string) => void {
  let rest = '';
  let message: SseMessage = { event: 'message', id: '', data: '' };
  let lines: string[] = [];
  const onLine = (line: string) => {
    if (line === '') {
      if (lines.length > 0) take({ ...message, data: lines.join('\n') });
      message = { event: 'message', id: message.id, data: '' };
      lines = [];
      return;
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') lines.push(value);
    else if (name === 'event') message.event = value;
    else if (name === 'id') message.id = value;
  };
  return (text) => {
    const parts = (rest + text).split(/\r\n|\n|\r/);
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  };
}

async function open(path: string, signal: AbortSignal, last: string): Promise<Response> {
  // While the server is open, any name will do for whose inbox or feed this is.
  const key = token() ? authorization() : { 'X-Auth-Token': 'dashboard' };
  const headers = { Accept: 'text/event-stream', ...key, ...(last && { 'Last-Event-ID': last }) };
  return fetch(address(path), { headers, signal });
}

/// Reads behind the message with the id `last` ("" for all), until the server ends it or the signal does.
export async function readEventStream(path: string, last: string, signal: AbortSignal, listener: SseListener): Promise<void> {
  try {
    if (isOut()) throw new ApiError(401, { detail: 'A key is needed.' });
    const shown = token();
    let answer = await open(path, signal, last);
    if (answer.status === 401) {
      await askForKey(shown).catch(() => { throw new ApiError(401, { detail: 'A key is needed.' }); });
      answer = await open(path, signal, last);
    }
    if (answer.status === 204) {
      listener.onEnd('over');
      return;
    }
    if (!answer.ok || !answer.body) throw new ApiError(answer.status, await answer.json().catch(() => ({})) as Problem);
    listener.onOpen();
    const read = messageReader((message) => listener.onMessage(message));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) read(part.value);
    listener.onEnd();
  } catch (error) {
    if (!signal.aborted) listener.onEnd(error instanceof Error ? error : new Error(String(error)));
  }
}
