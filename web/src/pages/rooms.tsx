import { useState } from 'preact/hooks';
import { call, callText, get } from '../api/client';
import { readPage } from '../api/events';
import { spaced } from '../format';
import { useMay, usePoll } from '../hooks';
import { go, to } from '../router';
import { ActionButton } from '../ui/button';
import { EventRow } from '../ui/event_row';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Icon } from '../ui/icon';
import { Card, Empty, Fact, Facts, Loading, Page, Table } from '../ui/page';

interface Namespace { namespace?: string; acl_url?: string; history?: string }

const missing = 'There is no such namespace, or this server has no rooms.';

function Chooser({ namespace, room }: { namespace?: string; room?: string }) {
  const [wanted, setWanted] = useState({ namespace: namespace ?? '', room: room ?? '' });
  const open = () => {
    const path = [wanted.namespace.trim(), wanted.room.trim()].filter(Boolean);
    if (path.length) go(to(['rooms', ...path]));
  };
  return (
    <form class="filters" onSubmit={(event) => { event.preventDefault(); open(); }}>
      <TextField label="Namespace" value={wanted.namespace} set={(value) => setWanted({ ...wanted, namespace: value })} placeholder="tasks" />
      <TextField label="Room" value={wanted.room} set={(value) => setWanted({ ...wanted, room: value })} placeholder="42" hint="Empty: the namespace itself" />
      <button type="submit" class="main"><Icon name="rooms" />Open</button>
    </form>
  );
}

function NamespaceForm({ namespace, known, reload }: { namespace: string; known?: Namespace; reload: () => Promise<void> }) {
  const [aclUrl, setAclUrl] = useState(known?.acl_url ?? '');
  const [history, setHistory] = useState(known?.history ?? '5minutes');
  const save = async () => {
    await call('PUT', `api/namespaces/${encodeURIComponent(namespace)}`, { acl_url: aclUrl.trim(), history: history.trim() });
    await reload();
    return known ? 'Changed.' : `The namespace ${namespace} is there.`;
  };
  return (
    <Form submit={known ? 'Change' : 'Make this namespace'} act={save}>
      {(mistakeAt) => (
        <div class="fields">
          <TextField label="Address of its access service" value={aclUrl} set={setAclUrl} placeholder="http://127.0.0.1:9000" error={mistakeAt('/acl_url')} hint="Asked whether a user may subscribe: GET …/acl/{namespace}/{room}/{user}" />
          <TextField label="Events are kept for" value={history} set={setHistory} error={mistakeAt('/history')} hint="Whoever was away for a moment gets them" />
        </div>
      )}
    </Form>
  );
}

function NamespaceCard({ namespace }: { namespace: string }) {
  const path = `api/namespaces/${encodeURIComponent(namespace)}`;
  const found = usePoll(`namespace ${namespace}`, (signal) => get<Namespace>(path, signal));
  const remove = async () => {
    await call('DELETE', path);
    go('#/rooms');
    return `The namespace ${namespace} is gone.`;
  };
  return (
    <Card title={<>Namespace {namespace}</>} side={found.value && <ActionButton kind="danger" icon="trash" ask={`Remove the namespace ${namespace}? Nobody can subscribe to its rooms then.`} act={remove}>Remove</ActionButton>}>
      <Loading from={found} missing={missing}>
        {(value) => <Facts><Fact name="Access service">{value.acl_url}</Fact><Fact name="Events are kept for">{spaced(value.history ?? '')}</Fact></Facts>}
      </Loading>
      {(found.value || found.error) && <NamespaceForm key={String(Boolean(found.value))} namespace={namespace} known={found.value} reload={found.reload} />}
    </Card>
  );
}

function PublishForm({ namespace, room }: { namespace: string; room: string }) {
  const [name, setName] = useState('');
  const [data, setData] = useState('{}');
  const publish = async () => {
    await call('POST', `publish/${encodeURIComponent(namespace)}/${encodeURIComponent(room)}`, `{"event":${JSON.stringify(name)},"data":${data.trim() || 'null'}}`);
    return 'Published.';
  };
  return (
    <Form submit="Publish" act={publish}>
      {(mistakeAt) => (
        <>
          <div class="fields"><TextField label="Event" value={name} set={setName} placeholder="task status changed" error={mistakeAt('/event')} /></div>
          <TextField label="Data" value={data} set={setData} rows={3} wide error={mistakeAt('/data')} />
        </>
      )}
    </Form>
  );
}

function RoomEvents({ namespace, room }: { namespace: string; room: string }) {
  const query = new URLSearchParams({ types: `room:${namespace}`, subject: room, limit: '50' });
  const path = `api/events/feed/day/current?${query.toString()}`;
  const events = usePoll(path, async (signal) => readPage(await callText('GET', path, undefined, signal)).events, 3_000);
  return (
    <Loading from={events} missing={missing}>
      {(list) => (
        <section class="card events" aria-label="Events of this room">
          <header class="card-head"><h2>Its events today</h2><span class="quiet">as far as they are kept</span></header>
          {list.length === 0 ? <Empty title="No events">Publish one, or wait for somebody to.</Empty>
            : <ul class="event-list">{list.map((event) => <EventRow key={event.id} event={event} />)}</ul>}
        </section>
      )}
    </Loading>
  );
}

function Teach() {
  return (
    <Empty title="Rooms live in namespaces" command={`curl -X PUT ${location.origin}/api/namespaces/tasks -H 'Content-Type: application/json' \\\n  -d '{"acl_url":"http://127.0.0.1:9000","history":"5minutes"}'\ncurl ${location.origin}/publish/tasks/42 -H 'Content-Type: application/json' \\\n  -d '{"event":"task status changed","data":{"status":"done"}}'`}>
      A namespace belongs to a service, which says who may enter its rooms. Make one, then publish to any of its rooms.
    </Empty>
  );
}

function Namespaces() {
  const all = usePoll('namespaces', (signal) => get<{ namespaces: Namespace[] }>('api/namespaces', signal), 10_000);
  return (
    <Loading from={all} missing="This server has no rooms.">
      {({ namespaces }) => (
        <Card title="Namespaces">
          {namespaces.length === 0 ? <Teach /> : (
            <Table label="Namespaces" head={<><th>Namespace</th><th>Access service</th><th>Events are kept for</th></>}>
              {namespaces.map((one) => (
                <tr key={one.namespace}>
                  <td><a href={to(['rooms', one.namespace!])}>{one.namespace}</a></td>
                  <td class="text">{one.acl_url}</td>
                  <td data-label="Kept for">{spaced(one.history ?? '')}</td>
                </tr>
              ))}
            </Table>
          )}
        </Card>
      )}
    </Loading>
  );
}

export function RoomsPage({ namespace, room }: { namespace?: string; room?: string }) {
  const may = useMay();
  const up = room ? { href: to(['rooms', namespace!]), name: namespace! } : namespace ? { href: '#/rooms', name: 'Rooms' } : undefined;
  return (
    <Page title={room ? `Room ${room}` : 'Rooms'} up={up} lead="What the members of a room are told while it happens">
      <div class="card"><Chooser key={`${namespace}/${room}`} namespace={namespace} room={room} /></div>
      {namespace && room && (
        <>
          <Card title="Publish"><PublishForm namespace={namespace} room={room} /></Card>
          {may('read', `room:${namespace}`) ? <RoomEvents namespace={namespace} room={room} /> : <Card title="Its events today"><p class="quiet">Your key does not allow reading them.</p></Card>}
        </>
      )}
      {namespace && !room && <NamespaceCard namespace={namespace} />}
      {!namespace && <Namespaces />}
    </Page>
  );
}
