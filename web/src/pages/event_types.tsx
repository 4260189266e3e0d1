import { useState } from 'preact/hooks';
import { isBuiltIn } from '../api/built_in';
import { get, getAll } from '../api/client';
import type { Registration, Stats } from '../api/types';
import { count, plural, short, spaced } from '../format';
import { useMay, usePoll } from '../hooks';
import { to } from '../router';
import { Badge } from '../ui/badge';
import { TextField } from '../ui/field';
import { Icon } from '../ui/icon';
import { Card, Empty, Loading, Page, Table } from '../ui/page';

/// None where they could not be asked for.
type Rates = Map<string, Stats['types'][number]> | undefined;

function Row({ type, rates }: { type: Registration; rates: Rates }) {
  const rate = rates?.get(type.type);
  const none = <span class="quiet">{rates ? '0' : '–'}</span>;
  const isReadable = useMay()('read', type.type);
  return (
    <tr>
      <td><a href={to(['types', type.type])}>{type.type}</a></td>
      <td data-label="Kept">{spaced(type.ttl)}</td>
      <td class="number" data-label="Last minute">{rate ? `${short(rate.per_second)}/s` : none}</td>
      <td class="number" data-label="Since the start">{rate ? count(rate.total) : none}</td>
      <td data-label="Streams">{type.streams.length === 0 ? <span class="quiet">none</span> : (
        <ul class="inline-list">{type.streams.map((stream) => <li key={stream.id}><a href={to(['streams', stream.id])}>{stream.name}</a> <Badge state={stream.state} /></li>)}</ul>
      )}</td>
      <td class="narrow-hide" data-label="Schema">{type.schema ? 'yes' : <span class="quiet">no</span>}</td>
      <td class="actions-cell">{isReadable && <><a href={to(['live'], { types: type.type })}>live</a> <a href={to(['feeds'], { at: `/api/events/feed/day/current?types=${encodeURIComponent(type.type)}` })}>feed</a></>}</td>
    </tr>
  );
}

function Types({ label, types, rates }: { label: string; types: Registration[]; rates: Rates }) {
  return (
    <Table label={label} head={<><th>Type</th><th>Kept</th><th class="number">Last minute</th><th class="number">Since the start</th><th>Streams</th><th class="narrow-hide">Schema</th><th><span class="hidden">Events</span></th></>}>
      {types.map((type) => <Row key={type.type} type={type} rates={rates} />)}
    </Table>
  );
}

function NoneYet() {
  return (
    <Empty title="No event type is registered yet" command={`curl -X PUT ${location.origin}/api/events/register -H 'Content-Type: application/json' \\\n  -d '{"type":"financial:end-budget","ttl":"24days"}'`}>
      Events of types that nobody registered are refused, so that a misspelt name is noticed at once.
    </Empty>
  );
}

export function EventTypesPage() {
  const types = usePoll('all types', (signal) => getAll<Registration>('api/events/register?limit=200', 'types', signal), 10_000);
  const seesFigures = useMay()('admin');
  const stats = usePoll('stats', async (signal) => (seesFigures ? get<Stats>('api/stats', signal) : undefined), seesFigures ? 5_000 : 0);
  const [search, setSearch] = useState('');
  const rates: Rates = stats.value && new Map(stats.value.types.map((type) => [type.type, type]));
  return (
    <Page title="Event types" lead="What may be sent, how long it is kept, and where it goes" side={<a class="button main" href="#/types/new"><Icon name="plus" />Register a type</a>}>
      <Loading from={types}>
        {(all) => {
          const own = all.filter(({ type }) => !isBuiltIn(type));
          const found = (list: Registration[]) => list.filter(({ type }) => type.toLowerCase().includes(search.trim().toLowerCase()));
          return (
            <>
              {own.length > 8 && <div class="toolbar"><TextField label="Find" value={search} set={setSearch} placeholder="part of a name" /></div>}
              <div class="card">
                {own.length === 0 ? <NoneYet /> : <Types label="Event types" types={found(own)} rates={rates} />}
                {own.length > 0 && <p class="quiet small">{plural(own.length, 'type')}{stats.value && `; rates are those of node ${stats.value.node}`}.</p>}
              </div>
              {own.length < all.length && <Card title="Headwater's own"><Types label="Headwater's own types" types={found(all.filter(({ type }) => isBuiltIn(type)))} rates={rates} /></Card>}
            </>
          );
        }}
      </Loading>
    </Page>
  );
}
