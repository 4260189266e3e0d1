// The event types and streams of a run.

export const types = ['chaos:order', 'chaos:note'];
const [order, note] = types;

const retries = ['1s', '1s', '2s', '2s', '5s', '5s', '10s', '20s'];
const timeout = '3s';
const webhookWindow = 16;
const rabbitWindow = 1000;
/// What a consumer may hold unacknowledged: the broker sends it again after a crash.
export const prefetch = 100;

/// `window`: what may be under way at once, which is what may come twice; a strict webhook's events go one by one.
export const streams = [
  { name: 'order-rabbit', source: 'rabbit', order: 'strict', types: [order], window: rabbitWindow, queueType: 'quorum' },
  { name: 'order-loose', source: 'webhook', order: 'loose', types: [order], window: webhookWindow },
  { name: 'note-subject', source: 'webhook', order: 'subject', types: [note], window: webhookWindow },
  { name: 'all-rabbit', source: 'rabbit', order: 'strict', types, window: rabbitWindow, queueType: 'classic' },
  { name: 'all-strict', source: 'webhook', order: 'strict', types, window: 1 },
];

const webhook = (uri) => ({ source: 'webhook', uri, timeout, maxInFlight: webhookWindow, retries });

/// The PUT requests that register them: [address, body]. `uriOf` gives a webhook's address by its stream's name.
export function registrations(uriOf) {
  return [
    [`/api/events/register`, { type: order, streams: [
      { name: 'order-rabbit', source: 'rabbit', exchange: 'order-rabbit', routingKey: '{type}' },
      { name: 'order-loose', ...webhook(uriOf('order-loose')) }] }],
    ['/api/events/register', { type: note, streams: [
      { name: 'note-subject', order: 'subject', ...webhook(uriOf('note-subject')) }] }],
    ['/api/streams/all-rabbit', { types: ['chaos:*'], source: 'rabbit', exchange: 'all-rabbit', routingKey: 'all' }],
    ['/api/streams/all-strict', { types: ['chaos:*'], order: 'strict', ...webhook(uriOf('all-strict')) }],
  ];
}

export const lateStream = {
  name: 'late-beginning', source: 'webhook', order: 'loose', types, window: webhookWindow,
  registration: (uri) => ['/api/streams/late-beginning', { types, from: 'beginning', ...webhook(uri) }],
};
