import type { Stream } from './types';

/// What the API tells of a stream besides its destination.
const standing = new Set(['id', 'name', 'type', 'types', 'source', 'order', 'state', 'since', 'cursor', 'lag', 'dead', 'expired', 'last_error', 'node', 'last_delivered_at',
  'next_attempt_at', 'in_flight', 'set_aside', 'rates', 'secret', 'created_at', 'updated_at', 'links']);

/// The options of its destination, as the server shows them: without secrets.
export const optionsOfStream = (stream: Stream): Record<string, unknown> => Object.fromEntries(Object.entries(stream).filter(([name]) => !standing.has(name)));
