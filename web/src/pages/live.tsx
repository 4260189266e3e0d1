import { useState } from 'preact/hooks';
import { count } from '../format';
import { go, to } from '../router';
import { Badge } from '../ui/badge';
import { EventRow } from '../ui/event_row';
import { TextField, SelectField } from '../ui/field';
import { Icon } from '../ui/icon';
import { Empty, Page } from '../ui/page';
import { mostShown, useLiveFeed } from './live_feed';

function Filters({ query }: { query: URLSearchParams }) {
  const [types, setTypes] = useState(query.get('types') ?? '');
  const [subject, setSubject] = useState(query.get('subject') ?? '');
  const [since, setSince] = useState(query.get('since') ?? '');
  const apply = () => go(to(['live'], { types: types.trim(), subject: subject.trim(), since }));
  return (
    <form class="filters" onSubmit={(event) => { event.preventDefault(); apply(); }}>
      <TextField label="Types" value={types} set={setTypes} placeholder="financial:*, campaign:**" hint="Commas between; * is one segment, ** the rest" />
      <TextField label="Subject" value={subject} set={setSubject} placeholder="any" />
      <SelectField label="Begin" value={since} set={setSince} options={[['', 'now'], ['beginning', 'with all history'], ...(since && since !== 'beginning' ? [[since, `behind ${since}`] as [string, string]] : [])]} />
      <button type="submit" class="main">Apply</button>
    </form>
  );
}

export function LivePage({ query }: { query: URLSearchParams }) {
  const types = query.get('types') ?? '';
  const live = useLiveFeed(types.replace(/\s/g, ''), query.get('subject') ?? '', query.get('since') ?? '');
  const pauseButton = live.isPaused
    ? <button type="button" class="main" onClick={live.goOn}><Icon name="play" />Go on</button>
    : <button type="button" onClick={live.pause}><Icon name="pause" />Pause</button>;
  const side = <><Badge state={live.state} />{pauseButton}<button type="button" onClick={live.clear}>Clear</button></>;
  return (
    <Page title="Live" lead="Events as they are stored" side={side}>
      <div class="card"><Filters query={query} /></div>
      <p class="live-status" role="status">
        {live.isPaused && <strong>Paused: {count(live.waiting)} came meanwhile{live.waiting > live.kept && `, the last ${count(live.kept)} are kept`}. </strong>}
        {live.note}
      </p>
      <section class="card events" aria-label="Events, the newest first">
        {live.events.length > 0
          ? <ul class="event-list">{live.events.map((event) => <EventRow key={event.ephemeral ? event.text : event.id} event={event} />)}</ul>
          : <Empty title="Nothing came yet" command={`curl ${location.origin}/api/events/send -H 'Content-Type: application/json' \\\n  -d '{"type":"financial:end-budget","payload":{"campaign_id":123}}'`}>
              Send an event of a registered type and watch it come.
            </Empty>}
      </section>
      <p class="quiet">{count(live.total)} came since this page was opened{live.events.length >= mostShown && `; the newest ${mostShown} are shown`}.</p>
    </Page>
  );
}
