import { useState } from 'preact/hooks';
import { call, get } from '../api/client';
import type { Flip, Monitor } from '../api/types';
import { dateTime, duration } from '../format';
import { usePoll } from '../hooks';
import { go, to } from '../router';
import { Badge, toneOf } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { CommandLine } from '../ui/copy';
import { Icon } from '../ui/icon';
import { Card, Empty, Fact, Facts, Loading, Page, Table } from '../ui/page';
import { Ago } from '../ui/time';
import { MonitorKey } from './monitor_form';
import { Due, every } from './monitors';

interface ActionsProps { monitor: Monitor; path: string; reload: () => Promise<void>; onKey: (monitor: Monitor) => void }

function Actions({ monitor, path, reload, onKey }: ActionsProps) {
  const post = (verb: string, said: string) => async () => {
    await call('POST', `${path}/${verb}`);
    await reload();
    return said;
  };
  const rotate = async () => onKey(await call<Monitor>('POST', `${path}/rotate-key`));
  const remove = async () => {
    await call('DELETE', path);
    go('#/monitors');
    return `${monitor.name} is no longer watched.`;
  };
  return (
    <>
      {monitor.paused
        ? <ActionButton kind="main" icon="play" act={post('resume', 'Its clock runs again, with a whole period.')}>Resume</ActionButton>
        : <ActionButton icon="pause" act={post('pause', 'Its clock is stopped: it is never late.')}>Pause</ActionButton>}
      <a class="button" href={to(['monitors', monitor.id, 'edit'])}>Change</a>
      <ActionButton icon="key" ask="Make a new key? The old one is void at once." act={rotate}>Rotate key</ActionButton>
      <ActionButton kind="danger" icon="trash" ask={`Forget ${monitor.name}? Its events stay.`} act={remove}>Delete</ActionButton>
    </>
  );
}

/// The last 25 as ticks on a line of time, and in words.
function CheckIns({ monitor }: { monitor: Monitor }) {
  const times = monitor.check_ins.map(({ at }) => Date.parse(at));
  if (times.length === 0) return <Empty title="It has never checked in" command={monitor.curl}>Let the job do this when it is done, with its key in the place of API_KEY.</Empty>;
  return (
    <ol class="check-ins">
      {monitor.check_ins.map(({ at }, i) => {
        const before = times[i + 1];
        return <li key={at}><Badge state="Ok" /> <time dateTime={at}>{dateTime(at)}</time> <span class="quiet">{before ? `${duration((times[i]! - before) / 1000)} after the one before` : ''}</span></li>;
      })}
    </ol>
  );
}

const reasons: Record<string, string> = { late: 'no check-in in time', fail: 'it reported a failure', 'check-in': 'it checked in' };

function Flips({ flips }: { flips: Flip[] }) {
  if (flips.length === 0) return <Empty title="Its status has never changed" />;
  return (
    <Table label="Changes of its status" head={<><th>When</th><th>From</th><th>To</th><th>Because</th><th>Event</th></>}>
      {flips.map((flip) => (
        <tr key={flip.at}>
          <td>{dateTime(flip.at)}</td>
          <td data-label="From"><Badge state={flip.from} /></td>
          <td data-label="To"><Badge state={flip.to} /></td>
          <td>{reasons[flip.reason] ?? flip.reason}</td>
          <td data-label="Event">{flip.event ? <a href={to(['events', flip.event])}>{flip.event}</a> : <span class="quiet">no news</span>}</td>
        </tr>
      ))}
    </Table>
  );
}

export function MonitorPage({ id }: { id: string }) {
  const path = `api/monitors/${encodeURIComponent(id)}`;
  const monitor = usePoll(`monitor ${id}`, (signal) => get<Monitor>(path, signal), 3_000);
  const flips = usePoll(`flips ${id}`, (signal) => get<{ flips: Flip[] }>(`${path}/flips?limit=50`, signal), 5_000);
  const [withKey, setWithKey] = useState<Monitor>();
  const found = monitor.value;
  return (
    <Page title={found?.name ?? `Monitor ${id}`} up={{ href: '#/monitors', name: 'Monitors' }} lead={found && every(found)}
      side={found && <Actions monitor={found} path={path} reload={monitor.reload} onKey={setWithKey} />}>
      {withKey && <MonitorKey monitor={withKey} />}
      <Loading from={monitor} missing="There is no such monitor.">
        {(value) => (
          <>
            <section class={`verdict card ${toneOf(value.status)}`} aria-label="How it stands">
              <div class="verdict-head">
                <Badge state={value.status} />
                <div>
                  <p class="reason">{value.description || (value.status === 'Dead' ? 'It is silent.' : value.status === 'Ok' ? 'It checks in.' : 'It has never checked in.')} {value.status !== 'Unknown' && <span class="quiet">Since <Ago time={value.status_since} />.</span>}</p>
                  <p class="next"><Icon name="clock" /><span><Due monitor={value} /></span></p>
                </div>
              </div>
              <Facts>
                <Fact name="Last check-in">{value.last_check_in ? <Ago time={value.last_check_in} /> : 'never'}</Fact>
                <Fact name="Told are">{value.notify.length === 0 ? 'nobody' : value.notify.map((notice) => (
                  <div key={notice.stream}><a href={to(['streams', notice.stream])}>{notice.source}</a> {String(notice.to ?? notice.uri ?? notice.exchange ?? '')}</div>
                ))}</Fact>
              </Facts>
              <CommandLine text={value.curl} />
            </section>
            <div class="halves">
              <Card title="The last 25 check-ins"><CheckIns monitor={value} /></Card>
              <Card title="Changes of its status"><Loading from={flips}>{({ flips: list }) => <Flips flips={list} />}</Loading></Card>
            </div>
          </>
        )}
      </Loading>
    </Page>
  );
}
