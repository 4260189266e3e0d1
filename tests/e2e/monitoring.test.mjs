// The alerts, the dashboard and the table of metrics name what /metrics has, and the table names all of it.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { runSql } from './support/database.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const read = (name) => fs.readFileSync(docs + name, 'utf8');
const alerts = read('monitoring/headwater_alerts.yml');
const dashboard = JSON.parse(read('monitoring/headwater_dashboard.json'));
const isThere = (program) => { try { execFileSync('which', [program], { stdio: 'ignore' }); return true; } catch { return false; } };

let server;
let names;   // of families
let labels;  // family to the labels that its samples carry
before(async () => {
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`, { type: 'm:a', streams: [{ source: 'webhook', uri: 'http://127.0.0.1:9/', name: 'm' }] });
  await postJson(`${server.url}/api/events/send`, { type: 'm:a', payload: 1 });
  await getJson(`${server.url}/api/events/feed/hour/current`);
  const { body: monitor } = await postJson(`${server.url}/api/monitors`, { name: 'm', interval: '1day' });
  assert.equal((await request(`${server.url}/notify/${monitor.id}`, { method: 'POST', headers: { 'x-api-key': monitor.api_key } })).status, 204);
  await runSql(server, ["update headwater.streams set expired = 1 where name = 'm'"]);
  const live = new AbortController();
  void fetch(`${server.url}/api/events/stream`, { signal: live.signal }).catch(() => {});
  // A subscriber that is gone again.
  const brief = new WebSocket(`${server.url.replace('http', 'ws')}/api/events/`).on('error', () => {});
  brief.on('open', () => brief.close());
  await eventually(async () => {
    const { text } = await request(`${server.opsUrl}/metrics`);
    names = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    labels = new Map();
    for (const [, name, inside] of text.matchAll(/^(\w+)(?:\{([^}]*)\})? /gm)) {
      const family = familyOf(name);
      labels.set(family, new Set([...(labels.get(family) ?? []), ...[...(inside ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label)]));
    }
    for (const name of ['headwater_deliveries_total', 'headwater_stream_lag_events', 'headwater_live_connections', 'headwater_events_accepted_total',
      'headwater_check_ins_total', 'headwater_stream_expired_events', 'headwater_live_closed_total']) {
      assert.ok(labels.get(name)?.size > 0, name);
    }
  });
  live.abort();
});
after(async () => { await server?.stop(); });

const familyOf = (name) => (names.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));
const metricsIn = (text) => [...text.matchAll(/\b(?:headwater|process)_[a-z_]+\b/g)].map(([name]) => name);
const expressions = () => [...alerts.matchAll(/expr: (?:>-\n((?: {10}.*\n)+)|(.*))/g)].map(([, folded, plain]) => folded ?? plain)
  .concat(dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr)));

test('alerts and dashboard name metrics that exist', () => {
  assert.ok(expressions().length > 20);
  for (const expression of expressions()) {
    for (const name of metricsIn(expression)) assert.ok(names.has(familyOf(name)), `${name} in ${expression}`);
  }
});

test('and labels that they have', () => {
  for (const expression of expressions()) {
    for (const [, name, inside] of expression.matchAll(/((?:headwater|process)_[a-z_]+)\{([^}]*)\}/g)) {
      const known = labels.get(familyOf(name));
      for (const [, label] of inside.matchAll(/(\w+)\s*(?:=|!=)/g)) {
        if (known?.size > 0 && label !== 'instance') assert.ok(known.has(label), `${label} of ${name}`);
      }
    }
  }
});

test('the table of operations.md has every metric, and no other', () => {
  const table = read('operations.md').split('## Metrics')[1].split('\n## ')[0];
  const told = new Set(metricsIn(table.split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split('|')[1]).join('\n')));
  assert.deepEqual([...told].sort(), [...names].sort());
});

test('Prometheus takes the alerts', { skip: !isThere('promtool') && 'promtool is not on this machine' }, async () => {
  const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', `${docs}monitoring/headwater_alerts.yml`]);
  assert.match(stdout, /SUCCESS/);
});
