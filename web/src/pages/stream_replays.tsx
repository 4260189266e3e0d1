import { useState } from 'preact/hooks';
import { call, get } from '../api/client';
import type { Replay } from '../api/types';
import { count, dateTime } from '../format';
import { usePoll } from '../hooks';
import { Badge } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { CheckField, TextField } from '../ui/field';
import { Form } from '../ui/form';
import { Card, Empty, Loading } from '../ui/page';

function Progress({ replay }: { replay: Replay }) {
  const share = replay.total > 0 ? Math.min(1, replay.done / replay.total) : replay.state === 'done' ? 1 : 0;
  return (
    <div class="progress-line">
      <progress max={1} value={share} aria-label={`Replay ${replay.id}`} />
      <span class="number">{count(replay.done)} of {count(replay.total)} <span class="quiet">· {Math.floor(share * 100)} %</span></span>
    </div>
  );
}

function ReplayRow({ replay, path, reload }: { replay: Replay; path: string; reload: () => Promise<void> }) {
  const cancel = async () => {
    await call('DELETE', `${path}/replays/${replay.id}`);
    await reload();
    return `Replay ${replay.id} is cancelled; what was sent stays sent.`;
  };
  return (
    <li class="replay">
      <div class="replay-head">
        <Badge state={replay.state} />
        <strong>Replay {replay.id}</strong>
        <span class="quiet">{replay.only === 'dead' ? 'dead events of ' : ''}{replay.from} to {replay.to}{replay.rate ? `, at most ${count(replay.rate)}/s` : ''}, begun {dateTime(replay.created_at)}</span>
        {replay.state === 'running' && <ActionButton icon="stop" act={cancel}>Cancel</ActionButton>}
      </div>
      <Progress replay={replay} />
      <p class="quiet">{count(replay.delivered)} delivered, {count(replay.failed)} failed, {count(replay.skipped)} skipped{replay.finished_at && `; ended ${dateTime(replay.finished_at)}`}</p>
    </li>
  );
}

function StartForm({ path, reload }: { path: string; reload: () => Promise<void> }) {
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [rate, setRate] = useState('');
  const [isDead, setDead] = useState(false);
  const start = async () => {
    const body: Record<string, unknown> = {};
    if (from.trim()) body.from = from.trim();
    if (until.trim()) body.to = until.trim();
    if (isDead) body.only = 'dead';
    if (rate.trim()) body.rate = Number.isNaN(Number(rate)) ? rate : Number(rate);
    const replay = await call<Replay>('POST', `${path}/replays`, body);
    await reload();
    return `Replay ${replay.id} has begun.`;
  };
  return (
    <Form submit="Start the replay" act={start}>
      {(mistakeAt) => (
        <>
          <div class="fields">
            <TextField label="From" value={from} set={setFrom} placeholder="2026-11-27T15:00:00Z or an event id" error={mistakeAt('/from')} hint="The first event, or the time to begin with" />
            <TextField label="To" value={until} set={setUntil} placeholder="the newest event" error={mistakeAt('/to')} hint="The last event, or the time before which it ends" />
            <TextField label="Events a second at most" value={rate} set={setRate} placeholder="as fast as it goes" inputMode="numeric" error={mistakeAt('/rate')} />
          </div>
          <CheckField label="Only dead events of that part" value={isDead} set={setDead} />
        </>
      )}
    </Form>
  );
}

export function ReplaysTab({ path }: { path: string }) {
  const replays = usePoll(`${path} replays`, (signal) => get<{ replays: Replay[] }>(`${path}/replays?limit=20`, signal),
    (found) => (found?.replays.some((replay) => replay.state === 'running') ? 1_000 : 5_000));
  return (
    <>
      <Card title="Send a part of the log once more">
        <p class="quiet">A durable job beside the stream's own deliveries: it goes on after a restart. Events keep their ids and carry the header Headwater-Replay.</p>
        <StartForm path={path} reload={replays.reload} />
      </Card>
      <Loading from={replays}>
        {({ replays: list }) => (
          <Card title="Replays">
            {list.length === 0 ? <Empty title="No replays yet" /> : <ul class="replays">{list.map((replay) => <ReplayRow key={replay.id} replay={replay} path={path} reload={replays.reload} />)}</ul>}
          </Card>
        )}
      </Loading>
    </>
  );
}
