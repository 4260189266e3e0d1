import { getAll } from '../api/client';
import type { Monitor } from '../api/types';
import { plural, spaced } from '../format';
import { usePoll } from '../hooks';
import { to } from '../router';
import { Badge } from '../ui/badge';
import { Icon } from '../ui/icon';
import { Empty, Loading, Page, Table } from '../ui/page';
import { Ago, Until } from '../ui/time';

export const every = ({ interval, threshold }: Monitor): string => `every ${spaced(interval)}${threshold ? `, may miss ${threshold}` : ''}`;

/// What will happen next to a monitor.
export function Due({ monitor }: { monitor: Monitor }) {
  if (monitor.paused) return <>paused: never late</>;
  if (monitor.status === 'Dead') return <>until it checks in</>;
  if (!monitor.due_at) return <>with its first check-in the clock starts</>;
  return <>Dead <Until time={monitor.due_at} /> without a check-in</>;
}

function Row({ monitor }: { monitor: Monitor }) {
  return (
    <tr>
      <td><Badge state={monitor.status} />{monitor.paused && <> <Badge state="paused" /></>}</td>
      <td><a href={to(['monitors', monitor.id])}>{monitor.name}</a><div class="quiet">{every(monitor)}</div></td>
      <td data-label="Last">{monitor.last_check_in ? <Ago time={monitor.last_check_in} /> : <span class="quiet">never</span>}</td>
      <td class="text">{monitor.status !== 'Unknown' && <><Ago time={monitor.status_since} /> · </>}<Due monitor={monitor} /></td>
    </tr>
  );
}

const order = { Dead: 0, Ok: 1, Unknown: 2 };

export function MonitorsPage() {
  const monitors = usePoll('monitors', (signal) => getAll<Monitor>('api/monitors?limit=200', 'monitors', signal), (found) => ((found?.length ?? 0) > 100 ? 20_000 : 5_000));
  return (
    <Page title="Monitors" lead="What must check in regularly, and whether it does" side={<a class="button main" href="#/monitors/new"><Icon name="plus" />New monitor</a>}>
      <Loading from={monitors} missing="This server has no monitors.">
        {(all) => (
          <div class="card">
            {all.length === 0
              ? (
                <Empty title="Nothing is watched yet" command={`curl -X POST ${location.origin}/api/monitors -H 'Content-Type: application/json' \\\n  -d '{"name":"nightly backup","interval":"1day","threshold":1}'`}>
                  A job checks in each time it has run; when it stays silent, somebody is told, once. Type this, or <a href="#/monitors/new">fill in the form</a>.
                </Empty>
              ) : (
                <>
                  <Table label="Monitors" head={<><th>Status</th><th>Monitor</th><th>Last check-in</th><th>Since when, what next</th></>}>
                    {[...all].sort((a, b) => order[a.status] - order[b.status] || a.name.localeCompare(b.name)).map((monitor) => <Row key={monitor.id} monitor={monitor} />)}
                  </Table>
                  <p class="quiet">{plural(all.length, 'monitor')}</p>
                </>
              )}
          </div>
        )}
      </Loading>
    </Page>
  );
}
