import { useState } from 'preact/hooks';
import { call, get } from '../api/client';
import { nameOf, outlookOf } from '../api/standing';
import type { Stream } from '../api/types';
import { count, dateTime, duration, short } from '../format';
import { usePoll } from '../hooks';
import { go, to } from '../router';
import { Badge, toneOf } from '../ui/badge';
import { ActionButton } from '../ui/button';
import { Secret } from '../ui/copy';
import { Icon } from '../ui/icon';
import { OutlookText } from '../ui/outlook';
import { Card, Fact, Facts, Loading, Page } from '../ui/page';
import { Tabs } from '../ui/tabs';
import { Ago } from '../ui/time';
import { AttemptsTab } from './stream_attempts';
import { DeadTab } from './stream_dead';
import { DefinitionTab } from './stream_definition';
import { ReplaysTab } from './stream_replays';
import { LagText } from './streams';

interface TestResult { delivered: boolean; result: string; status?: number; duration_seconds: number; reason?: string; response?: string }

interface ActionsProps { stream: Stream; path: string; reload: () => Promise<void>; onSecret: (secret: string) => void; onTest: (result: TestResult) => void }

function Actions({ stream, path, reload, onSecret, onTest }: ActionsProps) {
  const post = (verb: string, said: string) => async () => {
    await call('POST', `${path}/${verb}`);
    await reload();
    return said;
  };
  const test = async () => onTest(await call<TestResult>('POST', `${path}/test`));
  const rotate = async () => onSecret((await call<{ secret: string }>('POST', `${path}/rotate-secret`)).secret);
  const remove = async () => {
    await call('DELETE', path);
    go(to(['streams']));
    return `The stream ${stream.name} is gone.`;
  };
  return (
    <>
      {stream.state === 'paused'
        ? <ActionButton kind="main" icon="play" act={post('resume', 'It goes on from its cursor.')}>Resume</ActionButton>
        : <ActionButton icon="pause" act={post('pause', 'It is paused; what comes waits.')}>Pause</ActionButton>}
      <ActionButton icon="send" title="Sends one test event to the destination" act={test}>Test</ActionButton>
      {stream.order === 'strict' && stream.state !== 'running' && (
        <ActionButton icon="skip" ask="Give up the event at the head of this stream? It becomes a dead event, and the stream goes on." act={post('skip', 'The event is given up; the stream goes on.')}>Skip</ActionButton>
      )}
      {stream.source !== 'monitor' && <a class="button" href={to(['streams', stream.id, 'edit'])}>Change</a>}
      {stream.source === 'webhook' && (
        <ActionButton icon="key" ask="Make a new signing secret? The old one signs too for 24 hours." act={rotate}>Rotate secret</ActionButton>
      )}
      <ActionButton kind="danger" icon="trash" ask={`Delete the stream ${stream.name}? ${stream.lag?.events ? 'Events still wait for it. ' : ''}Its dead events go with it.`} act={remove}>Delete</ActionButton>
    </>
  );
}

function Standing({ stream }: { stream: Stream }) {
  return (
    <section class={`verdict card ${toneOf(stream.state)}`} aria-label="How it stands">
      <div class="verdict-head">
        <Badge state={stream.state} />
        <div>
          <p class="reason">{stream.last_error ?? (stream.state === 'running' ? 'It runs.' : stream.state === 'paused' ? 'Somebody paused it.' : 'It is not delivering.')} <span class="quiet">Since <Ago time={stream.since} />.</span></p>
          <p class="next"><Icon name="clock" /><span><OutlookText outlook={outlookOf(stream)} /></span></p>
        </div>
      </div>
      <Facts>
        <Fact name="Waiting"><LagText lag={stream.lag} /></Fact>
        <Fact name="Delivered">{stream.rates ? `${short(stream.rates.delivered_per_second)}/s` : '–'}</Fact>
        <Fact name="Last delivery">{stream.last_delivered_at ? <Ago time={stream.last_delivered_at} /> : '–'}</Fact>
        <Fact name="In flight">{count(stream.in_flight ?? 0)}</Fact>
        <Fact name="Set aside">{count(stream.set_aside ?? 0)}</Fact>
        <Fact name="Dead">{count(stream.dead ?? 0)}</Fact>
        {stream.expired ? <Fact name="Expired before delivery">{count(stream.expired)}</Fact> : null}
        <Fact name="Cursor"><code>{stream.cursor}</code></Fact>
        {stream.node && <Fact name="Node">{stream.node}</Fact>}
        <Fact name="Made">{dateTime(stream.created_at)}</Fact>
      </Facts>
    </section>
  );
}

function TestResultCard({ result }: { result: TestResult }) {
  return (
    <Card title="The test event">
      <p role="status"><Badge state={result.result} /> {result.delivered ? 'The destination took it' : result.reason ?? 'The destination did not take it'}, after {duration(result.duration_seconds)}{result.status ? `, with ${result.status}` : ''}.</p>
      {result.response && <pre class="response" tabIndex={0} aria-label="Answer of the destination">{result.response}</pre>}
    </Card>
  );
}

const tabNames: [string, string][] = [['dead', 'Dead events'], ['attempts', 'Attempts'], ['replays', 'Replays'], ['definition', 'Definition']];

export function StreamPage({ id, tab }: { id: string; tab: string }) {
  const path = `api/streams/${encodeURIComponent(id)}`;
  const stream = usePoll(`stream ${id}`, (signal) => get<Stream>(path, signal), 3_000);
  const [secret, setSecret] = useState<string>();
  const [result, setResult] = useState<TestResult>();
  const found = stream.value;
  return (
    <Page title={found ? nameOf(found) : `Stream ${id}`} up={{ href: '#/streams', name: 'Streams' }} lead={found && <>{found.source}, {found.order} order</>}
      side={found && <Actions stream={found} path={path} reload={stream.reload} onSecret={setSecret} onTest={setResult} />}>
      {secret && <Secret name="The new signing secret" value={secret} />}
      {result && <TestResultCard result={result} />}
      <Loading from={stream} missing="There is no such stream.">
        {(value) => (
          <>
            <Standing stream={value} />
            <Tabs label="Parts of this stream" current={tab} tabs={tabNames.map(([name, title]) => ({
              id: name, href: to(['streams', id], { tab: name }), name: <>{title}{name === 'dead' && value.dead ? <span class="bad-text"> {count(value.dead)}</span> : null}</>,
            }))} />
            {tab === 'attempts' && <AttemptsTab path={path} />}
            {tab === 'replays' && <ReplaysTab path={path} />}
            {tab === 'definition' && <DefinitionTab stream={value} />}
            {tab === 'dead' && <DeadTab path={path} reload={stream.reload} />}
          </>
        )}
      </Loading>
    </Page>
  );
}
