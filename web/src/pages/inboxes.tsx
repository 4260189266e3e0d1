import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
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

/// What the inbox says, from its beginning; a connection that ends comes back behind the last message.
function useInbox(id: string): { messages: Message[]; state: string; error?: Error } {
  const [messages, setMessages] = useState<Message[]>([]);
  const [state, setState] = useState('connecting');
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = '';
    let failures = 0;
    let isClosed = false;
    const end = (reason?: Error | 'over') => {
      isClosed ||= reason === 'over';
      setState(isClosed ? 'closed' : 'not connected');
      setError(isClosed || reason === 'over' ? undefined : reason);
      const status = reason instanceof ApiError ? reason.status : 0;
      if (isClosed || (status >= 400 && status < 500) || abort.signal.aborted) return;
      timer = setTimeout(read, failures === 0 ? 100 : Math.min(15_000, 500 * 2 ** failures));
      failures += 1;
    };
    const read = () => void readEventStream(`events?stream=${encodeURIComponent(id)}`, last, abort.signal, {
      onOpen() {
        setState('connected');
        setError(undefined);
      },
      onMessage(message) {
        failures = 0;
        last = message.id || last;
        if (message.event === 'closed') {
          isClosed = true;
          setState('closed');
        } else if (message.event === 'message') setMessages((shown) => [...shown, readMessage(message)].slice(-most));
      },
      onEnd: end,
    });
    read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return { messages, state, error };
}

function Inbox({ id }: { id: string }) {
  const { messages, state, error } = useInbox(id);
  return (
    <Card title={<>Inbox {id}</>} side={<Badge state={state} />}>
      {error && <Failure error={error} missing="This server has no inboxes." />}
      {messages.length === 0 && !error && state !== 'closed' && <Empty title="No messages yet">They appear here as they come.</Empty>}
      {messages.length > 0 && <ol class="messages" aria-live="polite">
        {messages.map((message, i) => <li key={message.key || i} class={tones[message.level] ?? ''}><span class="level">{message.level || 'message'}</span> {message.body}</li>)}
      </ol>}
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
