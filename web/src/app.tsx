import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { useRoute } from './router';
import { ConfirmDialog } from './ui/confirm';
import { KeyDialog } from './ui/key_dialog';
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
import { StreamsPage } from './pages/streams';

function Pages() {
  const { segments: [page = '', name, part], query } = useRoute();
  switch (page) {
    case '': return <OverviewPage />;
    case 'live': return <LivePage key={query.toString()} query={query} />;
    case 'feeds': return <FeedsPage query={query} />;
    case 'events': return name ? <EventPage key={name} id={name} /> : <NotFound />;
    case 'streams':
      if (name === 'new') return <NewStreamPage />;
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
      {error ? <Page title="This page failed"><Empty title="A mistake of the dashboard, not of your server.">Reload the page; please report it if it comes back.</Empty></Page> : <Pages />}
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
