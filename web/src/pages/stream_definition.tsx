import type { Stream } from '../api/types';
import { to } from '../router';
import { Json } from '../ui/json';
import { Card, Fact, Facts } from '../ui/page';

/// What the API tells of a stream besides its destination.
const standing = new Set(['id', 'name', 'type', 'types', 'source', 'order', 'state', 'since', 'cursor', 'lag', 'dead', 'expired', 'last_error', 'node', 'last_delivered_at',
  'next_attempt_at', 'in_flight', 'set_aside', 'rates', 'secret', 'created_at', 'updated_at', 'links']);

export function DefinitionTab({ stream }: { stream: Stream }) {
  const options = Object.fromEntries(Object.entries(stream).filter(([name]) => !standing.has(name)));
  return (
    <Card title="What it was told">
      <Facts>
        <Fact name="Name"><code>{stream.name}</code></Fact>
        <Fact name="Types">{stream.type ? <a href={to(['types', stream.type])}>{stream.type}</a> : <code>{stream.types?.join(', ')}</code>}</Fact>
        <Fact name="Order">{stream.order}</Fact>
      </Facts>
      <Json text={JSON.stringify({ source: stream.source, ...options })} label="destination" />
    </Card>
  );
}
