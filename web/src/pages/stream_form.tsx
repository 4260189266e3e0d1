import { useEffect, useState } from 'preact/hooks';
import { getTagged, storeTagged } from '../api/client';
import { nameOf } from '../api/standing';
import { optionsOfStream } from '../api/stream_options';
import type { Stream } from '../api/types';
import { go, to } from '../router';
import { Secret } from '../ui/copy';
import { bodyOf, DestinationFields, draftOf, type Draft } from '../ui/destination';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Card, Failure, Page } from '../ui/page';

interface Loaded { stream: Stream; tag: string | null }

/// A stream of an event type is stored there by its name, one of its own at its address.
function store({ stream, tag }: Loaded, draft: Draft, types: string): Promise<Stream> {
  const body = bodyOf(draft, 'stream');
  if (stream.type) return storeTagged<Stream>('POST', `api/events/register/${encodeURIComponent(stream.type)}/streams`, { ...body, name: stream.name }, tag);
  const filters = types.split(',').map((filter) => filter.trim()).filter(Boolean);
  return storeTagged<Stream>('PUT', `api/streams/${stream.id}`, { ...body, types: filters }, tag);
}

function ChangeForm({ loaded, onSecret }: { loaded: Loaded; onSecret: (secret: string) => void }) {
  const { stream } = loaded;
  const [draft, setDraft] = useState(() => draftOf(stream.source, stream.order, optionsOfStream(stream)));
  const [types, setTypes] = useState(stream.types?.join(', ') ?? '');
  const back = to(['streams', stream.id], { tab: 'definition' });
  const save = async () => {
    const { secret } = await store(loaded, draft, types);
    if (secret) onSecret(secret);
    else go(back);
    return 'Changed; it goes on from its cursor.';
  };
  return (
    <Form submit="Change" act={save} cancel={back}>
      {(mistakeAt) => (
        <Card>
          {!stream.type && (
            <div class="fields">
              <TextField label="Types" value={types} set={setTypes} hint="Commas between; * is one segment, ** the rest" error={mistakeAt('/types') ?? mistakeAt('/types/0')} required />
            </div>
          )}
          <DestinationFields draft={draft} set={setDraft} at="" mistakeAt={mistakeAt} extent="stream" />
        </Card>
      )}
    </Form>
  );
}

/// Changes where a stream leads and how; its place in the log stays.
export function StreamFormPage({ id }: { id: string }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [failure, setFailure] = useState<Error>();
  const [secret, setSecret] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    getTagged<Stream>(`api/streams/${encodeURIComponent(id)}`, abort.signal)
      .then(({ value, tag }) => setLoaded({ stream: value, tag }), (error: Error) => { if (!abort.signal.aborted) setFailure(error); });
    return () => abort.abort();
  }, [id]);
  const stream = loaded?.stream;
  return (
    <Page title={stream ? `Change ${nameOf(stream)}` : `Stream ${id}`} up={{ href: to(['streams', id]), name: stream ? nameOf(stream) : 'Stream' }}
      lead="Its name, its place in the log and what waits for it stay">
      {failure && <Failure error={failure} missing="There is no such stream." />}
      {!failure && !loaded && <p class="loading" role="status">Loading …</p>}
      {secret && <><Secret name="The new signing secret" value={secret} /><p><a class="button main" href={to(['streams', id])}>To the stream</a></p></>}
      {loaded && !secret && (stream?.source === 'monitor'
        ? <Card><p>Such a stream is changed with the <a href="#/monitors">monitors</a> that name its destination.</p></Card>
        : <ChangeForm loaded={loaded} onSecret={setSecret} />)}
    </Page>
  );
}
