import { optionsOfStream } from '../api/stream_options';
import type { Stream } from '../api/types';
import { to } from '../router';
import { Json } from '../ui/json';
import { Card, Fact, Facts } from '../ui/page';

export function DefinitionTab({ stream }: { stream: Stream }) {
  const isOfMonitors = stream.source === 'monitor';
  return (
    <Card title="What it was told">
      <Facts>
        <Fact name="Name"><code>{stream.name}</code></Fact>
        <Fact name="Types">{stream.type ? <a href={to(['types', stream.type])}>{stream.type}</a> : <code>{stream.types?.join(', ')}</code>}</Fact>
        <Fact name="Order">{stream.order}</Fact>
      </Facts>
      {isOfMonitors && <p class="quiet">It carries what monitors have to tell, and is changed with the <a href="#/monitors">monitors</a> that name its destination.</p>}
      <Json text={JSON.stringify({ source: stream.source, ...optionsOfStream(stream) })} label="destination" />
    </Card>
  );
}
