import { useState } from 'preact/hooks';
import { call, get } from '../api/client';
import type { Registration, Stream } from '../api/types';
import { dateTime, spaced } from '../format';
import { useMay, usePoll } from '../hooks';
import { go, to } from '../router';
import { Badge } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { Secret } from '../ui/copy';
import { bodyOf, DestinationFields, emptyDraft } from '../ui/destination';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Card, Empty, Fact, Facts, Loading, Page, Table } from '../ui/page';
import { notify } from '../ui/notices';
import { parseSchema } from './register';
import { LagText } from './streams';

const pathOfType = (type: string) => `api/events/register/${encodeURIComponent(type)}`;

function SendForm({ type }: { type: string }) {
  const [payload, setPayload] = useState('{}');
  const [subject, setSubject] = useState('');
  const send = async () => {
    // The payload's own text goes out, so that its numbers stay as they were typed.
    const body = `{"type":${JSON.stringify(type)},${subject ? `"subject":${JSON.stringify(subject)},` : ''}"payload":${payload.trim() || 'null'}}`;
    const sent = await call<{ id?: string; stored?: boolean }>('POST', 'api/events/send', body);
    return sent.stored === false ? 'Passed on; it is ephemeral.' : `Stored as event ${sent.id}.`;
  };
  return (
    <Form submit="Send" act={send}>
      {(mistakeAt) => (
        <>
          <TextField label="Payload" value={payload} set={setPayload} rows={4} wide error={mistakeAt('/payload')} />
          <div class="fields"><TextField label="Subject" value={subject} set={setSubject} placeholder="none" error={mistakeAt('/subject')} /></div>
        </>
      )}
    </Form>
  );
}

function ChangeForm({ registration, reload }: { registration: Registration; reload: () => Promise<void> }) {
  const [ttl, setTtl] = useState(registration.ttl);
  const [schema, setSchema] = useState(registration.schema ? JSON.stringify(registration.schema, null, 2) : '');
  const save = async () => {
    await call('PUT', 'api/events/register', { type: registration.type, ttl: ttl.trim(), schema: schema.trim() ? parseSchema(schema) : null });
    await reload();
    return 'Changed; its streams stay as they are.';
  };
  return (
    <Form submit="Change" act={save}>
      {(mistakeAt) => (
        <>
          <div class="fields"><TextField label="Kept for" value={ttl} set={setTtl} error={mistakeAt('/ttl')} hint="It counts for events that are stored from now on" /></div>
          <TextField label="JSON Schema of the payload" value={schema} set={setSchema} rows={5} wide error={mistakeAt('/schema')} hint="Empty takes any payload" />
        </>
      )}
    </Form>
  );
}

function AddStream({ type, reload }: { type: string; reload: () => Promise<void> }) {
  const [draft, setDraft] = useState(emptyDraft());
  const [made, setMade] = useState<Stream>();
  const add = async () => {
    setMade(await call<Stream>('POST', `${pathOfType(type)}/streams`, bodyOf(draft, 'stream')));
    setDraft(emptyDraft());
    await reload();
    return 'The stream is there.';
  };
  return (
    <>
      {made?.secret && <Secret name={`The signing secret of ${made.name}`} value={made.secret} />}
      <Form submit="Add the stream" act={add}>
        {(mistakeAt) => <DestinationFields draft={draft} set={setDraft} at="" mistakeAt={mistakeAt} extent="stream" />}
      </Form>
    </>
  );
}

function Streams({ registration }: { registration: Registration }) {
  if (registration.streams.length === 0) return <Empty title="No streams">Its events are in the feeds and go to live subscribers. Add a stream to carry them somewhere.</Empty>;
  return (
    <Table label="Streams of this type" head={<><th>State</th><th>Stream</th><th>Kind</th><th class="number">Waiting · oldest</th></>}>
      {registration.streams.map((stream) => (
        <tr key={stream.id}>
          <td><Badge state={stream.state} /></td>
          <td><a href={to(['streams', stream.id])}>{stream.name}</a></td>
          <td>{stream.source}</td>
          <td class="number" data-label="Waiting"><LagText lag={stream.lag} /></td>
        </tr>
      ))}
    </Table>
  );
}

export function EventTypePage({ type }: { type: string }) {
  const may = useMay();
  const registration = usePoll(`type ${type}`, (signal) => get<Registration>(pathOfType(type), signal), 5_000);
  const remove = async () => {
    await call('DELETE', pathOfType(type));
    notify(`${type} is no longer registered.`);
    go('#/types');
  };
  return (
    <Page title={type} up={{ href: '#/types', name: 'Event types' }}
      side={(
        <>
          {may('read', type) && <a class="button" href={to(['live'], { types: type })}>Watch live</a>}
          {may('read', type) && <a class="button" href={to(['feeds'], { at: `/api/events/feed/day/current?types=${encodeURIComponent(type)}` })}>Feed</a>}
          {registration.value && <ActionButton kind="danger" icon="trash" ask={`Remove the registration of ${type} and its streams? Events that are stored stay until they expire.`} act={remove}>Remove</ActionButton>}
        </>
      )}>
      <Loading from={registration} missing="This type is not registered.">
        {(found) => (
          <>
            <Card>
              <Facts>
                <Fact name="Kept for">{spaced(found.ttl)}</Fact>
                <Fact name="Registered">{dateTime(found.created_at)}</Fact>
                <Fact name="Changed">{dateTime(found.updated_at)}</Fact>
                <Fact name="Schema">{found.schema ? 'yes' : 'none'}</Fact>
              </Facts>
            </Card>
            <Card title="Streams"><Streams registration={found} /><details><summary>Add a stream</summary><AddStream type={type} reload={registration.reload} /></details></Card>
            <Card title="Send an event">{may('send', type) ? <SendForm type={type} /> : <p class="quiet">Your key does not allow sending events of this type.</p>}</Card>
            <Card title="Change"><ChangeForm registration={found} reload={registration.reload} /></Card>
          </>
        )}
      </Loading>
    </Page>
  );
}
