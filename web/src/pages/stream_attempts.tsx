import { get } from '../api/client';
import type { Attempt } from '../api/types';
import { duration } from '../format';
import { usePoll } from '../hooks';
import { to } from '../router';
import { Badge } from '../ui/badge';
import { ErrorText } from '../ui/error_text';
import { Card, Empty, Loading, Table } from '../ui/page';
import { Ago } from '../ui/time';

function Row({ attempt }: { attempt: Attempt }) {
  return (
    <tr>
      <td><Badge state={attempt.result} /></td>
      <td><a href={to(['events', attempt.event])}>{attempt.event}</a>{attempt.replay && <div class="quiet">replay {attempt.replay}</div>}</td>
      <td class="number" data-label="No.">{attempt.attempt}</td>
      <td><Ago time={attempt.at} /></td>
      <td class="number" data-label="Took">{duration(attempt.duration_seconds)}</td>
      <td class="text">
        <ErrorText text={attempt.reason} status={attempt.status} />
        {attempt.response && <details><summary>Answer</summary><pre class="response" tabIndex={0}>{attempt.response}</pre></details>}
      </td>
    </tr>
  );
}

export function AttemptsTab({ path }: { path: string }) {
  const attempts = usePoll(`${path} attempts`, (signal) => get<{ attempts: Attempt[]; node?: string; elsewhere?: true }>(`${path}/attempts`, signal), 3_000);
  return (
    <Loading from={attempts}>
      {({ attempts: list, node, elsewhere }) => (
        <Card title="The last 100 attempts">
          {elsewhere && <p class="quiet">Node {node} runs this stream and remembers its attempts; this is another node.</p>}
          {list.length === 0 && !elsewhere
            ? <Empty title="No attempts yet">They are kept in memory, so a restart forgets them.</Empty>
            : (
              <Table label="Attempts" head={<><th>Result</th><th>Event</th><th class="number">No.</th><th>When</th><th class="number">Took</th><th>What the destination said</th></>}>
                {list.map((attempt) => <Row key={`${attempt.event} ${attempt.at}`} attempt={attempt} />)}
              </Table>
            )}
        </Card>
      )}
    </Loading>
  );
}
