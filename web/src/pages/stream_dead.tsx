import { call, callText } from '../api/client';
import { payloadOf, readPage, type ShownEvent } from '../api/events';
import type { DeadEvent } from '../api/types';
import { count, plural } from '../format';
import { usePoll } from '../hooks';
import { to } from '../router';
import { ActionButton } from '../ui/button';
import { ErrorText } from '../ui/error_text';
import { Card, Empty, Loading, Table } from '../ui/page';
import { Ago } from '../ui/time';

type Shown = DeadEvent & ShownEvent;

function Row({ event, path, reload }: { event: Shown; path: string; reload: () => Promise<void> }) {
  const own = `${path}/dead/${event.id}`;
  const retry = async () => {
    await call('POST', `${own}/retry`);
    await reload();
    return `Event ${event.id} is due now.`;
  };
  const forget = async () => {
    await call('DELETE', own);
    await reload();
    return `Event ${event.id} is forgotten here; it stays in the log.`;
  };
  return (
    <tr>
      <td><a href={to(['events', event.id])}>{event.id}</a><div class="quiet">{event.type}</div></td>
      <td class="text"><ErrorText text={event.last_error} status={event.last_status} /><div class="quiet">{plural(event.attempts, 'attempt')}, given up <Ago time={event.died_at} /></div></td>
      <td class="preview-cell"><code>{payloadOf(event).slice(0, 120)}</code></td>
      <td>
        <div class="actions">
          <ActionButton icon="retry" act={retry}>Retry</ActionButton>
          <ActionButton kind="plain" icon="trash" title="Forget this dead event" ask={`Forget the dead event ${event.id}? It stays in the log, but this stream will not deliver it.`} act={forget}><span class="hidden">Forget</span></ActionButton>
        </div>
      </td>
    </tr>
  );
}

export function DeadTab({ path, reload }: { path: string; reload: () => Promise<void> }) {
  const dead = usePoll(`${path} dead`, async (signal) => readPage<Shown>(await callText('GET', `${path}/dead?limit=100`, undefined, signal)), 5_000);
  const again = async () => { await Promise.all([dead.reload(), reload()]); };
  const retryAll = async () => {
    const { retried } = await call<{ retried: number }>('POST', `${path}/dead/retry`);
    await again();
    return `${plural(retried, 'event')} ${retried === 1 ? 'is' : 'are'} due now.`;
  };
  return (
    <Loading from={dead}>
      {({ events }) => (events.length === 0
        ? <Card><Empty title="No dead events">An event is given up when its attempts are used up. It then stays here until it expires, and can be sent again.</Empty></Card>
        : (
          <Card title={`${count(events.length)}${events.length === 100 ? ' or more' : ''} dead`}
            side={<ActionButton kind="main" icon="retry" act={retryAll}>Retry all</ActionButton>}>
            <Table label="Dead events" head={<><th>Event</th><th>Why</th><th>Payload</th><th><span class="hidden">Actions</span></th></>}>
              {events.map((event) => <Row key={event.id} event={event} path={path} reload={again} />)}
            </Table>
          </Card>
        ))}
    </Loading>
  );
}
