// headwater tail: live events on a terminal and in pipes, over restarts of the server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { headwater, jsonLines, start, startOnTerminal } from './support/cli.mjs';
import { freePort } from './support/free_port.mjs';
import { binary, startHeadwater } from './support/headwater.mjs';
import { postJson, putJson } from './support/http.mjs';

let server;
before(async () => {
  server = await startHeadwater();
  for (const type of ['tail:a', 'tail:b']) await putJson(`${server.url}/api/events/register`, { type });
});
after(async () => { await server?.stop(); });

const send = async (type, payload, subject, url = server.url) => {
  const answer = await postJson(`${url}/api/events/send`, { type, payload, subject });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
};
const tail = (...args) => start(['tail', '--url', server.url, ...args]);

test('history, then live; Ctrl-C ends it with exit code 0', async () => {
  await send('tail:a', { n: 1 }, 'subject 1');
  const running = tail('tail:*', '--since', 'beginning');
  await running.prints(/^\d{4}-\d\d-\d\d [\d:.]+ {2}\d+ {2}tail:a subject 1 {2}\{"n":1\}$/m);
  await send('tail:b', { n: 2 });
  await running.prints(/tail:b {2}\{"n":2\}$/m);
  running.signal('SIGINT');
  const { code, stderr } = await running.exited;
  assert.deepEqual([code, stderr], [0, '']);
});

test('filters by type and subject, as JSON, so many', async () => {
  const running = tail('tail:b', '--subject', 'x', '--since', 'beginning', '--json', '--limit', '2');
  await send('tail:a', 0, 'x');
  await send('tail:b', 1, 'y');
  await send('tail:b', [1.50, '\u001b[31m'], 'x');
  await send('tail:b', 3, 'x');
  const { code, stdout } = await running.exited;
  assert.equal(code, 0);
  assert.deepEqual(jsonLines(stdout).map(({ type, subject, payload }) => [type, subject, payload]),
    [['tail:b', 'x', [1.5, '\u001b[31m']], ['tail:b', 'x', 3]]);
});

test('colours on a terminal; an event cannot paint it', async () => {
  const running = startOnTerminal(['tail', 'tail:a', '--url', server.url, '--since', 'beginning', '--limit', '1']);
  const { code, stdout } = await running.exited;
  assert.equal(code, 0);
  assert.ok(stdout.includes('\u001b[36mtail:a\u001b[0m'), JSON.stringify(stdout));
  const plain = await startOnTerminal(['tail', 'tail:a', '--url', server.url, '--since', 'beginning', '--limit', '1'],
    { env: { NO_COLOR: '1' } }).exited;
  assert.ok(!plain.stdout.includes('\u001b'), JSON.stringify(plain.stdout));
  await send('tail:a', 'danger \u009b2J');
  const shown = await startOnTerminal(['feed', 'tail:a', '--url', server.url, '--limit', '1']).exited;
  assert.ok(shown.stdout.includes('danger \\x9b2J') && !shown.stdout.includes('\u009b'), JSON.stringify(shown.stdout));
});

test('it ends when nobody reads standard output any more', async () => {
  const { stdout } = await promisify(execFile)('bash', ['-c',
    `set -o pipefail; '${binary}' tail --url ${server.url} --since beginning | head -n 1; echo "codes \${PIPESTATUS[*]}"`],
  { timeout: 30_000 });
  assert.match(stdout, /^codes 0 0$/m);
});

test('a bad filter and an absent server are told at once', async () => {
  const bad = await headwater(['tail', 'a::b', '--url', server.url]);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /a::b/);
  const none = await headwater(['tail', '--url', `http://127.0.0.1:${await freePort()}`]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /cannot be reached/);
});

test('over restarts of the server nothing is missing and nothing comes twice', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  let node = await startHeadwater({ listen });
  await putJson(`${node.url}/api/events/register`, { type: 'tail:restart' });
  const running = start(['tail', 'tail:restart', '--json', '--url', node.url, '--since', 'beginning']);
  let sent = 0;
  for (let round = 0; round < 3; ++round) {
    for (let i = 0; i < 20; ++i) await send('tail:restart', sent++, undefined, node.url);
    if (round > 0) await running.prints(new RegExp(`"payload":${sent - 1},`), 60_000);
    await (round === 0 ? node.kill() : node.stop());
    node = await startHeadwater({ listen, dataDir: node.dataDir });
  }
  await send('tail:restart', sent++, undefined, node.url);
  await running.prints(new RegExp(`"payload":${sent - 1},`), 60_000);
  running.signal('SIGTERM');
  const { code, stdout } = await running.exited;
  assert.equal(code, 0);
  assert.deepEqual(jsonLines(stdout).map((event) => event.payload), Array.from({ length: sent }, (_, n) => n));
  await node.stop();
});
