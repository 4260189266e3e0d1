import { useState } from 'preact/hooks';
import { getAll } from '../api/client';
import { nameOf, outlookOf } from '../api/standing';
import type { Lag, Stream } from '../api/types';
import { count, duration, plural, short } from '../format';
import { usePoll } from '../hooks';
import { to } from '../router';
import { Badge } from '../ui/badge';
import { TextField } from '../ui/field';
import { Icon } from '../ui/icon';
import { OutlookText } from '../ui/outlook';
import { Empty, Loading, Page, Table } from '../ui/page';
import { For } from '../ui/time';

export function LagText({ lag }: { lag?: Lag }) {
  if (!lag || lag.events === 0) return <span class="quiet">none</span>;
  return <>{lag.atLeast && 'over '}{count(lag.events)} <span class="quiet">· {duration(lag.seconds)}</span></>;
}

function Row({ stream }: { stream: Stream }) {
  const outlook = outlookOf(stream);
  return (
    <tr>
      <td><Badge state={stream.state} /></td>
      <td>
        <a href={to(['streams', stream.id])}>{nameOf(stream)}</a>
        <div class="quiet">{stream.source} · {stream.order}{stream.types && ` · ${stream.types.join(', ')}`}</div>
      </td>
      <td class="number" data-label="Waiting"><LagText lag={stream.lag} /></td>
      <td class="number" data-label="Dead">{stream.dead ? <a class="bad-text" href={to(['streams', stream.id], { tab: 'dead' })}>{count(stream.dead)}</a> : <span class="quiet">0</span>}</td>
      <td class="number" data-label="Rate">{stream.rates ? `${short(stream.rates.delivered_per_second)}/s` : '–'}</td>
      <td class="text">
        {stream.last_error}
        {stream.state !== 'running' && <div class="quiet sentence"><For time={stream.since} />. <OutlookText outlook={outlook} /></div>}
      </td>
    </tr>
  );
}

const states = ['all', 'running', 'retrying', 'blocked', 'paused', 'with dead'];

function StateFilter({ state, streams }: { state: string; streams: Stream[] }) {
  return (
    <nav class="tabs" aria-label="States">
      {states.map((name) => (
        <a key={name} href={to(['streams'], { state: name === 'all' ? '' : name })} aria-current={state === name ? 'page' : undefined}>
          {name} <span class="quiet">{count(streams.filter((stream) => isOf(stream, name)).length)}</span>
        </a>
      ))}
    </nav>
  );
}

const isOf = (stream: Stream, state: string): boolean =>
  state === 'all' || (state === 'with dead' ? (stream.dead ?? 0) > 0 : stream.state === state);

const urgency = { blocked: 0, retrying: 1, paused: 2, running: 3 };
const byUrgency = (a: Stream, b: Stream) => urgency[a.state] - urgency[b.state] || nameOf(a).localeCompare(nameOf(b));

export function StreamsPage({ query }: { query: URLSearchParams }) {
  const streams = usePoll('streams', (signal) => getAll<Stream>('api/streams?limit=200', 'streams', signal), (found) => ((found?.length ?? 0) > 100 ? 20_000 : 5_000));
  const [search, setSearch] = useState('');
  const state = query.get('state') ?? 'all';
  const matches = (stream: Stream) => isOf(stream, state) && nameOf(stream).toLowerCase().includes(search.trim().toLowerCase());
  return (
    <Page title="Streams" lead="Destinations, and how far each of them has come" side={<a class="button main" href="#/streams/new"><Icon name="plus" />New stream</a>}>
      <Loading from={streams}>
        {(all) => (all.length === 0
          ? (
            <div class="card">
              <Empty title="There are no streams yet" command={`curl -X PUT ${location.origin}/api/events/register -H 'Content-Type: application/json' \\\n  -d '{"type":"financial:end-budget","streams":[{"source":"webhook","uri":"http://127.0.0.1:9000/hook"}]}'`}>
                A stream carries every event of its types to one destination: a webhook, a RabbitMQ exchange, an e-mail address.
                Give one to an <a href="#/types">event type</a>, or make <a href="#/streams/new">one for many types</a>.
              </Empty>
            </div>
          ) : (
            <>
              <div class="toolbar">
                <StateFilter state={state} streams={all} />
                <TextField label="Find" value={search} set={setSearch} placeholder="part of a name" />
              </div>
              <div class="card">
                <Table label="Streams" head={<><th>State</th><th>Stream</th><th class="number">Waiting · oldest</th><th class="number">Dead</th><th class="number">Rate</th><th>Why, since when, what next</th></>}>
                  {all.filter(matches).sort(byUrgency).map((stream) => <Row key={stream.id} stream={stream} />)}
                </Table>
                <p class="quiet">{plural(all.filter(matches).length, 'stream')}</p>
              </div>
            </>
          ))}
      </Loading>
    </Page>
  );
}
