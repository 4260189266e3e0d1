import { useEffect, useState } from 'preact/hooks';
import { readEventStream, type SseMessage } from '../api/event_stream';
import { go, to } from '../router';
import { Badge } from '../ui/badge';
import { TextField } from '../ui/field';
import { Icon } from '../ui/icon';
import { Card, Empty, Failure, Page } from '../ui/page';

interface Message { key: string; body: string; level: string }

const most = 500;

function readMessage({ id, data }: SseMessage): Message {
  try {
    const { body, level } = JSON.parse(data) as { body?: unknown; level?: unknown };
    return { key: id, body: typeof body === 'string' ? body : JSON.stringify(body) ?? '', level: typeof level === 'string' ? level : '' };
  } catch {
    return { key: id, body: data, level: '' };
  }
}

const tones: Record<string, string> = { error: 'bad', danger: 'bad', warning: 'warn', warn: 'warn', success: 'good' };

function Inbox({ id }: { id: string }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const [state, setState] = useState('connecting');
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const abort = new AbortController();
    void readEventStream(`events?stream=${encodeURIComponent(id)}`, abort.signal, {
      onOpen: () => setState('connected'),
      onMessage(message) {
        if (message.event === 'closed') setState('closed');
        else if (message.event === 'message') setMessages((shown) => [...shown, readMessage(message)].slice(-most));
      },
      onEnd(reason) {
        setState((now) => (now === 'closed' ? now : 'not connected'));
        setError(reason);
      },
    });
    return () => abort.abort();
  }, [id]);
  return (
    <Card title={<>Inbox {id}</>} side={<Badge state={state} />}>
      {error && <Failure error={error} missing="This server has no inboxes." />}
      {messages.length === 0 && !error && <Empty title="No messages yet">They appear here as they come.</Empty>}
      <ol class="messages" aria-live="polite">
        {messages.map((message, i) => <li key={message.key || i} class={tones[message.level] ?? ''}><span class="level">{message.level || 'message'}</span> {message.body}</li>)}
      </ol>
    </Card>
  );
}

export function InboxesPage({ id }: { id?: string }) {
  const [wanted, setWanted] = useState(id ?? '');
  return (
    <Page title="Inboxes" lead="Messages for people about one thing that is under way, from its beginning to its end">
      <div class="card">
        <form class="filters" onSubmit={(event) => { event.preventDefault(); if (wanted.trim()) go(to(['inboxes', wanted.trim()])); }}>
          <TextField label="Id of the inbox" value={wanted} set={setWanted} placeholder="a42" />
          <button type="submit" class="main"><Icon name="inbox" />Open</button>
        </form>
      </div>
      {id ? <Inbox key={id} id={id} /> : (
        <div class="card">
          <Empty title="Which one?" command={`curl ${location.origin}/api/events/send -H 'Content-Type: application/json' \\\n  -d '{"type":"service.create","payload":{"id":"a42"}}'\ncurl ${location.origin}/api/events/send -H 'Content-Type: application/json' \\\n  -d '{"type":"monitor.user","payload":{"id":"a42","messages":[{"body":"Half of it is done","level":"info"}]}}'`}>
            service.create opens the inbox of its id, monitor.user puts messages into it, and the .done or .error of what opened it closes it.
          </Empty>
        </div>
      )}
    </Page>
  );
}
