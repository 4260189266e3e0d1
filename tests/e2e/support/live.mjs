// Live subscribers as the tests hold them: everything that came, in order.
import net from 'node:net';
import EventSource from 'eventsource';
import WebSocket from 'ws';
import { eventually } from './eventually.mjs';

const open = [];
/// Ends every subscriber: an EventSource would come back for ever and keep the test's process alive.
export function closeAll() { for (const end of open.splice(0)) end(); }

/// A WebSocket of npm `ws`, with its options. Resolves once the first frame is there; rejects when the handshake is refused.
export async function openSocket(url, query = '', options = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/events/?${query}`, options);
  const live = { socket, start: undefined, events: [], cursors: [], errors: [], pings: 0, closed: undefined };
  open.push(() => socket.terminate());
  socket.on('ping', () => { live.pings += 1; });
  socket.on('close', (code, reason) => { live.closed = { code, reason: reason.toString() }; });
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.recovered !== undefined) live.start = message;
    else if (message.cursor !== undefined) live.cursors.push(message.cursor);
    else if (message.error !== undefined) live.errors.push(message.error);
    else live.events.push({ ...message, text: data.toString() });
  });
  await new Promise((resolve, reject) => {
    socket.on('message', () => { if (live.start) resolve(); });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
  });
  live.close = () => new Promise((resolve) => { socket.on('close', resolve); socket.close(1000); });
  return live;
}

/// An EventSource of npm `eventsource`. Resolves once the first frame is there. `names` are listened to besides `message`.
export async function openEventSource(address, { names = [], headers = {}, https } = {}) {
  const source = new EventSource(address, { headers, https });
  const live = { source, starts: [], events: [], failures: [] };
  open.push(() => source.close());
  const take = (event) => live.events.push({ ...JSON.parse(event.data), lastEventId: event.lastEventId, name: event.type });
  source.addEventListener('cursor', (event) => live.starts.push({ ...JSON.parse(event.data), lastEventId: event.lastEventId }));
  for (const name of ['message', ...names]) source.addEventListener(name, take);
  source.addEventListener('error', (event) => live.failures.push(event));
  await eventually(() => { if (live.starts.length === 0) throw new Error('the event stream does not begin'); });
  return live;
}

export const ids = (live) => live.events.map((event) => event.id);

/// Waits until a subscriber has so many events.
export const untilEvents = (live, count) => eventually(() => {
  if (live.events.length < count) throw new Error(`${live.events.length} of ${count} events came`);
});

/// A connection that sends the bytes it is told to and collects the answer.
export async function openRaw(url) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const raw = { socket, received: Buffer.alloc(0), hasEnded: false };
  open.push(() => socket.destroy());
  socket.on('data', (data) => { raw.received = Buffer.concat([raw.received, data]); });
  socket.on('close', () => { raw.hasEnded = true; });
  socket.on('error', () => {});
  await new Promise((resolve) => { socket.on('connect', resolve); });
  return raw;
}
