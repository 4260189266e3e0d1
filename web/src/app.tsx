import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import type { Scope } from './api/scopes';
import { access, openKeyForm } from './api/session';
import { useMay } from './hooks';
import { useRoute } from './router';
import { useStore } from './store';
import { ConfirmDialog } from './ui/confirm';
import { KeyDialog, SignedOutPage } from './ui/key_dialog';
import { Navigation } from './ui/navigation';
import { Notices } from './ui/notices';
import { Empty, Page } from './ui/page';
import { EventPage } from './pages/event';
import { EventTypePage } from './pages/event_type';
import { EventTypesPage } from './pages/event_types';
import { FeedsPage } from './pages/feeds';
import { InboxesPage } from './pages/inboxes';
import { LivePage } from './pages/live';
import { MonitorPage } from './pages/monitor';
import { MonitorFormPage } from './pages/monitor_form';
import { MonitorsPage } from './pages/monitors';
import { OverviewPage } from './pages/overview';
import { RegisterPage } from './pages/register';
import { RoomsPage } from './pages/rooms';
import { StreamPage } from './pages/stream';
import { NewStreamPage } from './pages/new_stream';
import { StreamFormPage } from './pages/stream_form';
import { StreamsPage } from './pages/streams';

/// The scope that a page cannot do without.
const needs: Record<string, Scope> = { live: 'read', feeds: 'read', events: 'read', streams: 'register', types: 'register', rooms: 'rooms', inboxes: 'read', monitors: 'monitors' };
const names: Record<string, string> = { live: 'Live', feeds: 'Feeds', events: 'Event', streams: 'Streams', types: 'Event types', rooms: 'Rooms', inboxes: 'Inboxes', monitors: 'Monitors' };

/// A page that the server would refuse this key, for want of a scope.
function ClosedPage({ page, scope }: { page: string; scope: Scope }) {
  const { key } = useStore(access);
  return (
    <Page title={names[page] ?? page}>
      <div class="card">
        <Empty title={`Your key does not allow “${scope}”`}>
          This page needs a key with that scope{key && <>; <strong>{key}</strong> has none</>}.
        </Empty>
        <p class="centre"><button type="button" onClick={() => void openKeyForm('none').catch(() => {})}>Use another key</button></p>
      </div>
    </Page>
  );
}

function Pages() {
  const { segments: [page = '', name, part], query } = useRoute();
  const may = useMay();
  const needed = needs[page];
  if (needed && !may(needed)) return <ClosedPage page={page} scope={needed} />;
  switch (page) {
    case '': return <OverviewPage />;
    case 'live': return <LivePage key={query.toString()} query={query} />;
    case 'feeds': return <FeedsPage query={query} />;
    case 'events': return name ? <EventPage key={name} id={name} /> : <NotFound />;
    case 'streams':
      if (name === 'new') return <NewStreamPage />;
      if (name && part === 'edit') return <StreamFormPage key={name} id={name} />;
      return name ? <StreamPage key={name} id={name} tab={query.get('tab') ?? 'dead'} /> : <StreamsPage query={query} />;
    case 'types':
      if (name === 'new') return <RegisterPage />;
      return name ? <EventTypePage key={name} type={name} /> : <EventTypesPage />;
    case 'rooms': return <RoomsPage key={name} namespace={name} room={part} />;
    case 'inboxes': return <InboxesPage key={name} id={name} />;
    case 'monitors':
      if (name === 'new') return <MonitorFormPage />;
      if (name && part === 'edit') return <MonitorFormPage key={name} id={name} />;
      return name ? <MonitorPage key={name} id={name} /> : <MonitorsPage />;
    default: return <NotFound />;
  }
}

function NotFound() {
  return <Page title="No such page"><Empty title="There is nothing at this address."><a href="#/">To the overview</a></Empty></Page>;
}

/// The page behind the navigation. A mistake of ours takes down the page, not the navigation.
function Main() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const path = route.segments.join('/');
  const isFirst = useRef(true);
  const { isOut } = useStore(access);
  const [error, reset] = useErrorBoundary((failure) => console.error(failure));
  useEffect(() => {
    reset();
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main id="main" ref={main}>
      {error ? <Page title="This page failed"><Empty title="A mistake of the dashboard, not of your server.">Reload the page; please report it if it comes back.</Empty></Page>
        : isOut ? <SignedOutPage /> : <Pages />}
    </main>
  );
}

export function App() {
  return (
    <>
      <a class="skip-link" href="#main" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>('main h1')?.focus(); }}>Skip to the page</a>
      <Navigation />
      <Main />
      <Notices />
      <KeyDialog />
      <ConfirmDialog />
    </>
  );
}
