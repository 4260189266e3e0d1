import { call, callText } from '../api/client';
import { payloadOf, readEvent } from '../api/events';
import { linkTo } from '../api/client';
import type { Delivery } from '../api/types';
import { dateTime } from '../format';
import { useMay, usePoll } from '../hooks';
import { to } from '../router';
import { Badge } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { ErrorText } from '../ui/error_text';
import { Json } from '../ui/json';
import { Card, Empty, Fact, Facts, Loading, Page, Table } from '../ui/page';
import { Ago, Until } from '../ui/time';

function whatNext(delivery: Delivery) {
  switch (delivery.state) {
    case 'delivered': return 'Done.';
    case 'pending': return 'It waits for its turn.';
    case 'retrying': return delivery.next_attempt_at ? <>The next attempt is <Until time={delivery.next_attempt_at} />.</> : 'It is being tried now.';
    case 'dead': return <>Given up {delivery.died_at && <Ago time={delivery.died_at} />}; it can be retried.</>;
    case 'not-registered-then': return 'The stream is younger than the event.';
    case 'expired': return 'It expired before it could be delivered.';
  }
}

function Row({ delivery, reload }: { delivery: Delivery; reload: () => Promise<void> }) {
  const retry = useMay()('register') ? linkTo(delivery.links, 'retry') : undefined;
  return (
    <tr>
      <td><Badge state={delivery.state} /></td>
      <td><a href={to(['streams', delivery.id])}>{delivery.name}</a></td>
      <td data-label="Attempts">{delivery.attempts !== undefined ? `${delivery.attempts} failed` : '–'}</td>
      <td class="text"><ErrorText text={delivery.last_error} status={delivery.last_status} /></td>
      <td class="text">{whatNext(delivery)}</td>
      <td>{retry && <ActionButton icon="retry" act={async () => { await call('POST', retry); await reload(); return 'It is due now.'; }}>Retry</ActionButton>}</td>
    </tr>
  );
}

export function EventPage({ id }: { id: string }) {
  const event = usePoll(`event ${id}`, async (signal) => {
    const text = await callText('GET', `api/events/${encodeURIComponent(id)}`, undefined, signal);
    return { ...readEvent(text), streams: (JSON.parse(text) as { streams: Delivery[] }).streams };
  }, 5_000);
  return (
    <Page title={`Event ${id}`} up={{ href: '#/feeds', name: 'Feeds' }}>
      <Loading from={event} missing="There is no event of this id yet.">
        {(found) => (
          <>
            <Card>
              <Facts>
                <Fact name="Type"><a href={to(['types', found.type])}>{found.type}</a></Fact>
                {found.subject && <Fact name="Subject">{found.subject}</Fact>}
                <Fact name="Stored">{dateTime(found.created_at)} <span class="quiet">(<Ago time={found.created_at} />)</span></Fact>
                {found.occurredAt && <Fact name="Occurred">{found.occurredAt}</Fact>}
                {found.source && <Fact name="Source">{found.source}</Fact>}
                {found.sourceId && <Fact name="The sender's id">{found.sourceId}</Fact>}
              </Facts>
            </Card>
            <Card title="Where it went">
              {found.streams.length === 0
                ? <Empty title="No stream wants this type">It is in the feeds and was sent to live subscribers.</Empty>
                : (
                  <Table label="Where it went" head={<><th>State</th><th>Stream</th><th>Attempts</th><th>Last error</th><th>What is next</th><th><span class="hidden">Actions</span></th></>}>
                    {found.streams.map((delivery) => <Row key={delivery.id} delivery={delivery} reload={event.reload} />)}
                  </Table>
                )}
            </Card>
            <Card title="Payload"><Json text={payloadOf(found)} label="payload" /></Card>
          </>
        )}
      </Loading>
    </Page>
  );
}
