import { getAll, get, isMissing } from '../api/client';
import { useReadiness, type Readiness } from '../api/readiness';
import { isBuiltIn } from '../api/built_in';
import { inWords } from '../api/scopes';
import { access } from '../api/session';
import { troublesOf, type Trouble } from '../api/standing';
import type { Monitor, Registration, Stats, Stream } from '../api/types';
import { count, plural } from '../format';
import { useMay, usePoll, type Loaded } from '../hooks';
import { useStore } from '../store';
import { Badge } from '../ui/badge';
import { Icon } from '../ui/icon';
import { OutlookText } from '../ui/outlook';
import { Empty, Failure, Page } from '../ui/page';
import { For } from '../ui/time';
import { Charts, Figures } from './overview_charts';

/// Asked for less often when there is much to ask for.
const patience = (items: unknown[] | undefined): number => ((items?.length ?? 0) > 100 ? 20_000 : 5_000);

function Row({ trouble }: { trouble: Trouble }) {
  return (
    <li class={`trouble ${trouble.tone}`}>
      <Badge state={trouble.state} />
      <div class="trouble-what">
        <a href={trouble.href}>{trouble.name}</a> <span class="quiet">{trouble.kind}</span>
        <p class="reason">{trouble.reason}</p>
        <p class="next"><Icon name="clock" /><span><OutlookText outlook={trouble.outlook} /></span></p>
      </div>
      <div class="trouble-since">{trouble.since && <For time={trouble.since} />}</div>
    </li>
  );
}

function sentence(troubles: Trouble[], readiness: Readiness | undefined): [string, string] {
  if (readiness && !readiness.isReady) return ['bad', 'This server takes no traffic.'];
  const stuck = troubles.filter((trouble) => trouble.tone === 'bad').length;
  const others = troubles.length - stuck;
  if (stuck > 0) return ['bad', `${plural(stuck, 'thing needs', 'things need')} you.`];
  if (others > 0) return ['warn', `Nothing is stuck; ${plural(others, 'thing is', 'things are')} worth a look.`];
  return ['good', 'Nothing is stuck.'];
}

/// What a narrow key leaves out of the answer to "is anything stuck".
function Unseen() {
  const { scopes } = useStore(access);
  const may = useMay();
  if (!scopes) return null;
  const closed = ([['register', 'streams and event types'], ['monitors', 'monitors'], ['admin', 'figures']] as const).filter(([scope]) => !may(scope));
  const types = scopes.find(({ scope }) => scope === 'register')?.types;
  return (
    <>
      {closed.length > 0 && <p class="quiet sentence">Your key does not show {listed(closed.map(([scope, what]) => `${what} (${scope})`))}.</p>}
      {(closed.length > 0 || types) && <p class="quiet sentence">It allows: {inWords(scopes)}.</p>}
    </>
  );
}

const listed = (parts: string[]): string => (parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts.join(''));

function Verdict({ streams, monitors }: { streams: Loaded<Stream[]>; monitors: Loaded<Monitor[]> }) {
  const readiness = useReadiness();
  const may = useMay();
  const isBlind = !may('register') && !may('monitors');
  const isKnown = (streams.value !== undefined || streams.error !== undefined) && readiness !== undefined;
  const troubles = troublesOf(streams.value ?? [], monitors.value ?? []);
  const [tone, text] = verdictOf();
  function verdictOf(): [string, string] {
    if (!isKnown && readiness?.isReady !== false) return ['quiet', 'Looking …'];
    if (readiness?.isReady !== false && (isBlind || streams.error && !streams.value)) return ['quiet', isBlind ? 'The server is ready.' : 'Streams cannot be seen.'];
    return sentence(troubles, readiness);
  }
  return (
    <section class={`verdict card ${tone}`} aria-labelledby="verdict">
      <div class="verdict-head">
        <Icon name={tone === 'good' ? 'check' : tone === 'quiet' ? 'clock' : 'alert'} />
        <div>
          <h2 id="verdict" aria-live="polite">{text}</h2>
          {isKnown && tone === 'good' && <p class="quiet">{standing(streams.value ?? [], monitors.value ?? [])}</p>}
          <Unseen />
        </div>
      </div>
      {readiness?.reasons.map((reason) => <p key={reason} class="failure"><Icon name="alert" /><span>{reason}</span></p>)}
      {streams.error && <Failure error={streams.error} />}
      {monitors.error && <Failure error={monitors.error} />}
      {troubles.length > 0 && <ul class="troubles">{troubles.slice(0, 50).map((trouble) => <Row key={trouble.key} trouble={trouble} />)}</ul>}
      {troubles.length > 50 && <p class="quiet">And {count(troubles.length - 50)} more: see the <a href="#/streams">streams</a> and <a href="#/monitors">monitors</a>.</p>}
    </section>
  );
}

function standing(streams: Stream[], monitors: Monitor[]): string {
  const parts = [];
  if (streams.length) parts.push(`${plural(streams.length, 'stream')} ${streams.length === 1 ? 'runs' : 'run'}`);
  if (monitors.length) parts.push(`${plural(monitors.length, 'monitor')} ${monitors.length === 1 ? 'is' : 'are'} not late`);
  return parts.length ? `${parts.join(', ')}.` : 'There are no streams and no monitors yet.';
}

export function OverviewPage() {
  const may = useMay();
  const [seesStreams, seesMonitors, seesFigures] = [may('register'), may('monitors'), may('admin')];
  const stats = usePoll('stats', async (signal) => (seesFigures ? get<Stats>('api/stats', signal) : undefined), seesFigures ? 5_000 : 0);
  const types = usePoll('types', async (signal) => (seesStreams ? get<{ types: Registration[] }>('api/events/register?limit=50', signal) : undefined));
  const streams = usePoll('streams', async (signal) => (seesStreams ? getAll<Stream>('api/streams?limit=200', 'streams', signal) : []), seesStreams ? patience : 0);
  const monitors = usePoll('monitors', async (signal) => (seesMonitors ? getAll<Monitor>('api/monitors?limit=200', 'monitors', signal).catch(noneIfMissing) : []), seesMonitors ? patience : 0);
  return (
    <Page title="Overview" lead={stats.value && <>Figures of node <code>{stats.value.node}</code>, the last 15 minutes</>}>
      <Verdict streams={streams} monitors={monitors} />
      {types.value && !types.value.types.some(({ type }) => !isBuiltIn(type)) && <FirstSteps />}
      {stats.error && <Failure error={stats.error} />}
      {stats.value && <><Figures stats={stats.value} streams={streams.value ?? []} /><Charts stats={stats.value} /></>}
    </Page>
  );
}

function noneIfMissing(error: unknown): Monitor[] {
  if (isMissing(error)) return [];
  throw error;
}

function FirstSteps() {
  const here = location.origin;
  return (
    <div class="card">
      <Empty title="No event type is registered yet" command={`curl -X PUT ${here}/api/events/register -H 'Content-Type: application/json' \\\n  -d '{"type":"financial:end-budget","ttl":"24days"}'\ncurl ${here}/api/events/send -H 'Content-Type: application/json' \\\n  -d '{"type":"financial:end-budget","payload":{"campaign_id":123}}'`}>
        A type says how long its events are kept and where they go. Type this in a terminal, or <a href="#/types/new">register one here</a>.
      </Empty>
    </div>
  );
}
