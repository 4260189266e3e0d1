import { useState } from 'preact/hooks';
import { call, callText, linkTo, pathOf } from '../api/client';
import { readPage } from '../api/events';
import { withKey } from '../api/session';
import type { Link } from '../api/types';
import { plural } from '../format';
import { useMay, usePoll } from '../hooks';
import { go, to } from '../router';
import { Badge } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { EventRow } from '../ui/event_row';
import { SelectField, TextField } from '../ui/field';
import { Icon, type IconName } from '../ui/icon';
import { CommandLine } from '../ui/copy';
import { Empty, Loading, Page } from '../ui/page';

const start = '/api/events/feed/hour/current';

/// An address is a feed's own path: what is bookmarked here can be asked for by any client.
const addressOf = (query: URLSearchParams): string => {
  const wanted = query.get('at') ?? start;
  return wanted.startsWith('/api/events/feed/') ? wanted : start;
};

interface Choice { slice: string; at: string; client: string; types: string; order: string; limit: string; processed: string }

function choiceOf(path: string): Choice {
  const url = new URL(path, location.origin);
  const [, , , , slice = 'hour', at = 'current', , client = ''] = url.pathname.split('/').map(decodeURIComponent);
  const query = url.searchParams;
  return { slice: slice.includes('-') ? 'range' : slice, at, client, types: query.get('types') ?? '', order: query.get('order') ?? 'desc', limit: query.get('limit') ?? '100', processed: query.get('processed') ?? '' };
}

function pathFor({ slice, at, client, types, order, limit, processed }: Choice): string {
  const path = ['/api/events/feed', slice, encodeURIComponent(at || 'current'), ...(client ? ['client', encodeURIComponent(client)] : [])].join('/');
  const query = new URLSearchParams();
  if (types) query.set('types', types);
  if (order !== 'desc') query.set('order', order);
  if (limit !== '100') query.set('limit', limit);
  if (client && processed) query.set('processed', processed);
  return path + (query.size ? `?${query.toString()}` : '');
}

const slices: [string, string][] = [['minute', 'Minute'], ['hour', 'Hour'], ['day', 'Day'], ['month', 'Month']];

function Chooser({ path }: { path: string }) {
  const [choice, setChoice] = useState(() => {
    const shown = choiceOf(path);
    return shown.slice === 'range' ? { ...shown, slice: 'hour', at: 'current', client: '' } : shown;
  });
  const set = (name: keyof Choice) => (value: string) => setChoice({ ...choice, [name]: value });
  const apply = () => go(to(['feeds'], { at: pathFor({ ...choice, types: choice.types.replace(/\s/g, ''), client: choice.client.trim() }) }));
  return (
    <form class="filters" onSubmit={(event) => { event.preventDefault(); apply(); }}>
      <SelectField label="Slice" value={choice.slice} set={set('slice')} options={slices} />
      <TextField label="At" value={choice.at} set={set('at')} placeholder="current" hint="current, 2026-11, 2026-11-27, 2026-11-27T15" />
      <TextField label="Types" value={choice.types} set={set('types')} placeholder="financial:*" />
      <TextField label="Client" value={choice.client} set={set('client')} placeholder="none" hint="Shows what this client has not processed" />
      <SelectField label="Order" value={choice.order} set={set('order')} options={[['desc', 'newest first'], ['asc', 'oldest first']]} />
      <SelectField label="A page" value={choice.limit} set={set('limit')} options={['10', '25', '100', '500']} />
      {choice.client && <SelectField label="Processed" value={choice.processed} set={set('processed')} options={[['', 'left out'], ['include', 'shown too']]} />}
      <button type="submit" class="main">Show</button>
    </form>
  );
}

const relations: [string, string, IconName, string][] = [
  ['prev-archive', 'Older with events', 'first', 'The nearest older slice that has events'], ['prev', 'Previous', 'left', 'The slice before'],
  ['current', 'Current', 'clock', 'The slice of this moment'], ['next', 'Next', 'right', 'The slice behind'],
  ['next-archive', 'Newer with events', 'last', 'The nearest newer slice that has events'],
];

const feedHash = (path: string) => to(['feeds'], { at: path });

/// The links as the server gave them; what it does not give cannot be followed.
function Relations({ links }: { links: Link[] }) {
  return (
    <nav class="relations" aria-label="Slices">
      {relations.map(([rel, name, icon, title]) => {
        const path = linkTo(links, rel);
        return path
          ? <a key={rel} class="button" href={feedHash(path)} title={title} rel={rel}><Icon name={icon} />{name}</a>
          : <span key={rel} class="button off" title={`There is none: ${title.toLowerCase()}`}><Icon name={icon} />{name}</span>;
      })}
    </nav>
  );
}

function sliceName(path: string): string {
  const { slice, at } = choiceOf(path);
  if (slice === 'range') return 'A range of time';
  return at === 'current' ? `This ${slice}` : `${slice[0]!.toUpperCase()}${slice.slice(1)} of ${at.replace('.000Z', 'Z')}`;
}

export function FeedsPage({ query }: { query: URLSearchParams }) {
  const path = addressOf(query);
  const may = useMay();
  const page = usePoll(path, async (signal) => readPage(await callText('GET', path, undefined, signal)), path.includes('/current') ? 5_000 : 0);
  return (
    <Page title="Feeds" lead="The log in slices of time, along the links that the server gives">
      <div class="card"><Chooser key={path} path={path} /></div>
      <Loading from={page}>
        {({ events, links }) => {
          const self = linkTo(links, 'self') ?? path;
          const more = linkTo(links, 'more');
          return (
            <>
              <Relations links={links} />
              <section class="card events" aria-label="Events of this slice">
                <header class="card-head">
                  <h2>{sliceName(self)}</h2>
                  <span class="quiet">{plural(events.length, 'event')} on this page</span>
                </header>
                {events.length === 0 && <Empty title="No events here">{choiceOf(path).client ? 'This client has processed all of them, or there were none.' : 'Nothing was stored in this slice, or it has expired.'}</Empty>}
                <ul class="event-list">
                  {events.map((event) => {
                    const mark = linkTo(event.links, 'mark-processed');
                    return (
                      <EventRow key={event.id} event={event} side={mark && (event.processed
                        ? <Badge state="processed" />
                        : may('ack', event.type) && <ActionButton kind="plain" icon="check" act={async () => { await call('PUT', mark); await page.reload(); }}>Mark processed</ActionButton>)} />
                    );
                  })}
                </ul>
                {more && <a class="button" rel="more" href={feedHash(more)}>More of this slice<Icon name="right" /></a>}
              </section>
              <CommandLine text={withKey(`curl '${new URL(pathOf(self), location.origin).href}'`)} />
            </>
          );
        }}
      </Loading>
    </Page>
  );
}
