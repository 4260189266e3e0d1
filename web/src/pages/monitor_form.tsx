import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api/client';
import type { Monitor } from '../api/types';
import { go, to } from '../router';
import { CommandLine, Secret } from '../ui/copy';
import { bodyOf, DestinationFields, draftOf, emptyDraft, type Draft } from '../ui/destination';
import { TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Icon } from '../ui/icon';
import { Card, Failure, Page } from '../ui/page';

/// A notification while it is being typed, and the stream that carries it so far.
interface Notice extends Draft { stream?: string }

const noticeOf = ({ source, stream, ...told }: Monitor['notify'][number]): Notice => ({ ...draftOf(source, '', told), stream });
const told = ({ stream, ...draft }: Notice) => ({ ...bodyOf(draft, 'destination'), ...(stream && { stream }) });

interface Wanted { name: string; description: string; interval: string; threshold: string }

const blank: Wanted = { name: '', description: '', interval: '1day', threshold: '0' };

const secretsOf = (monitor: Monitor) => monitor.notify.filter((notice) => typeof notice.secret === 'string');

export function MonitorKey({ monitor }: { monitor: Monitor }) {
  const secrets = secretsOf(monitor);
  return (
    <>
      {monitor.api_key && (
        <>
          <Secret name="The key of this monitor" value={monitor.api_key} />
          <Card title="What the job does when it is done">
            <CommandLine text={monitor.curl} />
            {monitor.ping_url && <><p class="quiet">For tools that cannot send headers:</p><CommandLine text={monitor.ping_url} /></>}
          </Card>
        </>
      )}
      {secrets.map((notice) => <Secret key={notice.stream} name="The signing secret of the webhook" value={String(notice.secret)} />)}
    </>
  );
}

function Made({ monitor }: { monitor: Monitor }) {
  return (
    <Page title={monitor.name} up={{ href: '#/monitors', name: 'Monitors' }} lead="It is watched">
      <MonitorKey monitor={monitor} />
      <p><a class="button main" href={to(['monitors', monitor.id])}>To the monitor</a></p>
    </Page>
  );
}

function Notices({ notices, set, mistakeAt }: { notices: Notice[]; set: (notices: Notice[]) => void; mistakeAt: (pointer: string) => string | undefined }) {
  const change = (at: number, draft?: Notice) => set(notices.flatMap((notice, i) => (i === at ? draft ?? [] : notice)));
  return (
    <>
      {notices.map((draft, i) => (
        <Card key={i} title={`Notification ${i + 1}`} side={<button type="button" class="plain" onClick={() => change(i)}><Icon name="trash" />Remove</button>}>
          <DestinationFields draft={draft} set={(next) => change(i, { ...draft, ...next })} at={`/notify/${i}`} mistakeAt={mistakeAt} extent="destination" />
        </Card>
      ))}
      <p><button type="button" onClick={() => set([...notices, { ...emptyDraft(), source: 'email' }])}><Icon name="plus" />Tell somebody</button></p>
    </>
  );
}

/// Makes a monitor, or changes what one watches and who is told.
export function MonitorFormPage({ id }: { id?: string }) {
  const [wanted, setWanted] = useState(blank);
  const [notices, setNotices] = useState<Notice[]>([]);
  const [made, setMade] = useState<Monitor>();
  const [isLoaded, setLoaded] = useState(!id);
  const [failure, setFailure] = useState<Error>();
  useEffect(() => {
    if (!id) return;
    get<Monitor>(`api/monitors/${encodeURIComponent(id)}`)
      .then((monitor) => {
        setWanted({ ...monitor, threshold: String(monitor.threshold) });
        setNotices(monitor.notify.map(noticeOf));
        setLoaded(true);
      }, setFailure);
  }, [id]);
  const set = (name: keyof Wanted) => (value: string) => setWanted({ ...wanted, [name]: value });
  const save = async () => {
    const body = { name: wanted.name.trim(), description: wanted.description, interval: wanted.interval.trim(),
      threshold: wanted.threshold.trim() === '' || Number.isNaN(Number(wanted.threshold)) ? wanted.threshold : Number(wanted.threshold), notify: notices.map(told) };
    if (!id) {
      setMade(await call<Monitor>('POST', 'api/monitors', body));
      return 'It is watched.';
    }
    const changed = await call<Monitor>('PATCH', `api/monitors/${encodeURIComponent(id)}`, body);
    if (secretsOf(changed).length > 0) setMade(changed);
    else go(to(['monitors', id]));
    return 'Changed.';
  };
  if (made) return <Made monitor={made} />;
  return (
    <Page title={id ? `Change ${wanted.name}` : 'New monitor'} up={{ href: id ? to(['monitors', id]) : '#/monitors', name: id ? wanted.name : 'Monitors' }}>
      {failure && <Failure error={failure} missing="There is no such monitor." />}
      {!failure && !isLoaded && <p class="loading" role="status">Loading …</p>}
      {isLoaded && <Form submit={id ? 'Change' : 'Watch it'} act={save} cancel={id ? to(['monitors', id]) : '#/monitors'}>
        {(mistakeAt) => (
          <>
            <Card>
              <div class="fields">
                <TextField label="Name" value={wanted.name} set={set('name')} placeholder="nightly backup" error={mistakeAt('/name')} required />
                <TextField label="It checks in every" value={wanted.interval} set={set('interval')} placeholder="4hours" error={mistakeAt('/interval')} hint="30seconds, 4hours, 1day, 3months …" required />
                <TextField label="Check-ins it may miss" value={wanted.threshold} set={set('threshold')} inputMode="numeric" error={mistakeAt('/threshold')} />
              </div>
              <TextField label="Description" value={wanted.description} set={set('description')} rows={2} wide error={mistakeAt('/description')} />
            </Card>
            <Notices notices={notices} set={setNotices} mistakeAt={mistakeAt} />
          </>
        )}
      </Form>}
    </Page>
  );
}
