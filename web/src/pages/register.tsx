import { useState } from 'preact/hooks';
import { ApiError, call } from '../api/client';
import type { Registration } from '../api/types';
import { to } from '../router';
import { Secret } from '../ui/copy';
import { bodyOf, DestinationFields, emptyDraft, type Draft } from '../ui/destination';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Icon } from '../ui/icon';
import { Card, Page } from '../ui/page';

/// A schema that is no JSON never reaches the server; its mistake stands at the field all the same.
export function parseSchema(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(422, { detail: 'The schema is not valid JSON.', errors: [{ pointer: '/schema', detail: 'This is not JSON.' }] });
  }
}

function Registered({ registration }: { registration: Registration }) {
  const secrets = registration.streams.filter((stream) => stream.secret);
  return (
    <Page title={registration.type} up={{ href: '#/types', name: 'Event types' }} lead="It is registered">
      {secrets.map((stream) => <Secret key={stream.id} name={`The signing secret of ${stream.name}`} value={stream.secret!} />)}
      <p><a class="button main" href={to(['types', registration.type])}>To the type</a></p>
    </Page>
  );
}

export function RegisterPage() {
  const [type, setType] = useState('');
  const [ttl, setTtl] = useState('');
  const [schema, setSchema] = useState('');
  const [streams, setStreams] = useState<Draft[]>([]);
  const [made, setMade] = useState<Registration>();
  const change = (at: number, draft?: Draft) => setStreams(streams.flatMap((stream, i) => (i === at ? draft ?? [] : stream)));
  const save = async () => {
    const body: Record<string, unknown> = { type: type.trim() };
    if (ttl.trim()) body.ttl = ttl.trim();
    if (schema.trim()) body.schema = parseSchema(schema);
    if (streams.length) body.streams = streams.map((draft) => bodyOf(draft, 'stream'));
    setMade(await call<Registration>('PUT', 'api/events/register', body));
    return `${type.trim()} is registered.`;
  };
  if (made) return <Registered registration={made} />;
  return (
    <Page title="Register a type" up={{ href: '#/types', name: 'Event types' }} lead="What may be sent, how long it is kept, and where it goes">
      <Form submit="Register" act={save} cancel="#/types">
        {(mistakeAt) => (
          <>
            <Card>
              <div class="fields">
                <TextField label="Type" value={type} set={setType} placeholder="financial:end-budget" hint="Segments of letters, digits, _ . - with colons between" error={mistakeAt('/type')} required />
                <TextField label="Kept for" value={ttl} set={setTtl} placeholder="permanent" hint="permanent, ephemeral, 30seconds, 24days, 6months …" error={mistakeAt('/ttl')} />
              </div>
              <TextField label="JSON Schema of the payload" value={schema} set={setSchema} rows={4} wide placeholder='{"type":"object","required":["campaign_id"]}' hint="Draft 4; leave it empty to take any payload" error={mistakeAt('/schema')} />
            </Card>
            {streams.map((draft, i) => (
              <Card key={i} title={`Stream ${i + 1}`} side={<button type="button" class="plain" onClick={() => change(i)}><Icon name="trash" />Remove</button>}>
                <DestinationFields draft={draft} set={(next) => change(i, next)} at={`/streams/${i}`} mistakeAt={mistakeAt} extent="stream" />
              </Card>
            ))}
            <p><button type="button" onClick={() => setStreams([...streams, emptyDraft()])}><Icon name="plus" />Add a stream</button></p>
          </>
        )}
      </Form>
    </Page>
  );
}
