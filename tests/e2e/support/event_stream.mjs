// Event streams of rooms and inboxes, as npm `eventsource` reads them.
import EventSource from 'eventsource';
import { eventually } from './eventually.mjs';

const open = [];
/// Ends every one: an EventSource would come back for ever and keep the test's process alive.
export function closeStreams() { for (const source of open.splice(0)) source.close(); }

/// Resolves once the answer is there. `messages` are { id, name, data }, data parsed; `names` are listened to besides `message`.
/// Rejects with the status when the server refuses.
export async function openStream(address, { headers = {}, names = [] } = {}) {
  const source = new EventSource(address, { headers });
  const stream = { source, messages: [], opens: 0, failures: [] };
  open.push(source);
  const take = (event) => stream.messages.push({ id: event.lastEventId, name: event.type, data: JSON.parse(event.data) });
  for (const name of ['message', ...names]) source.addEventListener(name, take);
  source.addEventListener('open', () => { stream.opens += 1; });
  source.addEventListener('error', (event) => stream.failures.push(event.status));
  stream.close = () => source.close();
  await eventually(() => {
    if (stream.opens === 0) throw new Error(`the stream does not open: ${stream.failures}`);
  }, 10_000);
  return stream;
}

/// Waits for so many messages.
export const untilMessages = (stream, count, patience = 20_000) => eventually(() => {
  if (stream.messages.length < count) throw new Error(`${stream.messages.length} of ${count} messages came`);
}, patience);
