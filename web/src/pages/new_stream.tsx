import { useState } from 'preact/hooks';
import { call } from '../api/client';
import type { Stream } from '../api/types';
import { to } from '../router';
import { Secret } from '../ui/copy';
import { bodyOf, DestinationFields, emptyDraft } from '../ui/destination';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Card, Page } from '../ui/page';

/// One destination for many types.
export function NewStreamPage() {
  const [name, setName] = useState('');
  const [types, setTypes] = useState('');
  const [draft, setDraft] = useState(emptyDraft());
  const [made, setMade] = useState<Stream>();
  const save = async () => {
    const filters = types.split(',').map((filter) => filter.trim()).filter(Boolean);
    setMade(await call<Stream>('PUT', `api/streams/${encodeURIComponent(name.trim() || ' ')}`, { ...bodyOf(draft, 'stream'), types: filters }));
    return 'The stream is made.';
  };
  if (made) {
    return (
      <Page title={made.name} up={{ href: '#/streams', name: 'Streams' }}>
        {made.secret && <Secret name="The signing secret" value={made.secret} />}
        <p><a class="button main" href={to(['streams', made.id])}>To the stream</a></p>
      </Page>
    );
  }
  return (
    <Page title="New stream" up={{ href: '#/streams', name: 'Streams' }} lead="One destination for many types">
      <Card>
        <Form submit="Make the stream" act={save} cancel="#/streams">
          {(mistakeAt) => (
            <>
              <div class="fields">
                <TextField label="Name" value={name} set={setName} placeholder="billing" hint="Letters, digits, _ . -" error={mistakeAt('/name')} required />
                <TextField label="Types" value={types} set={setTypes} placeholder="financial:*, campaign:**" hint="Commas between; * is one segment, ** the rest"
                  error={mistakeAt('/types') ?? mistakeAt('/types/0')} required />
              </div>
              <DestinationFields draft={draft} set={setDraft} at="" mistakeAt={mistakeAt} extent="stream" />
            </>
          )}
        </Form>
      </Card>
    </Page>
  );
}
