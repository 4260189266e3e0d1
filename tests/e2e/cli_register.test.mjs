// headwater register: the difference, the confirmation, and what is then registered.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { headwater, jsonLines, startOnTerminal } from './support/cli.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson } from './support/http.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

let server;
let folder;
before(async () => {
  folder = makeTempDir();
  server = await startHeadwater();
});
after(async () => { await server?.stop(); });

const register = (args, options) => headwater(['register', ...args, '--url', server.url], options);
const stored = async (type) => getJson(`${server.url}/api/events/register/${type}`);

function write(name, content) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const types = [
  { type: 'reg:a', ttl: '24days', streams: [{ source: 'webhook', uri: 'http://127.0.0.1:9/a', name: 'a-hook' }] },
  { type: 'reg:b' },
];

test('one type from the arguments; its secret is shown once', async () => {
  const { code, stdout } = await register(['reg:one', '--ttl', '7days', '--webhook', 'http://127.0.0.1:9/x']);
  assert.equal(code, 0);
  assert.match(stdout, /^reg:one new\n {2}\+ ttl: 7days\n {2}\+ stream webhook http:\/\/127\.0\.0\.1:9\/x\nregistered reg:one\n.*whsec_/);
  assert.equal((await stored('reg:one')).body.ttl, '7days');
  const again = await register(['reg:one', '--ttl', '7days', '--webhook', 'http://127.0.0.1:9/x']);
  assert.deepEqual([again.code, again.stdout], [0, 'reg:one unchanged\n']);
});

test('a file is shown with --dry-run, and registered with --yes', async () => {
  const file = write('types.json', types);
  const dry = await register(['--file', file, '--dry-run']);
  assert.equal(dry.code, 0);
  assert.match(dry.stdout, /reg:a new\n {2}\+ ttl: 24days\n {2}\+ stream webhook a-hook\nreg:b new\n {2}\+ ttl: permanent\n$/);
  assert.equal((await stored('reg:a')).status, 404);
  const done = await register(['--file', file, '--yes']);
  assert.equal(done.code, 0, done.stderr);
  assert.equal((await stored('reg:a')).body.streams[0].name, 'a-hook');
  assert.equal((await register(['--file', file, '--yes'])).stdout, 'reg:a unchanged\nreg:b unchanged\n');
});

test('what changes is named, streams that go with what waits for them', async () => {
  const file = write('changed.json', [
    { type: 'reg:a', ttl: '48days', streams: [{ source: 'webhook', uri: 'http://127.0.0.1:9/other', name: 'other', format: 'cloudevents' }] },
    { type: 'reg:b', schema: { type: 'object' } },
  ]);
  await headwater(['streams', 'pause', 'a-hook', '--url', server.url]);
  await headwater(['send', 'reg:a', '1', '--url', server.url]);
  const { stdout } = await register(['--file', file, '--dry-run']);
  assert.match(stdout, /reg:a changed\n {2}~ ttl: 24days -> 48days\n {2}\+ stream webhook other\n {2}- stream webhook a-hook \(1 events wait for it\)\n/);
  assert.match(stdout, /reg:b changed\n {2}\+ schema\n$/);
  const renamed = write('renamed.json', { type: 'reg:a', streams: [{ ...types[0].streams[0], uri: 'http://127.0.0.1:9/new' }] });
  assert.match((await register(['--file', renamed, '--dry-run'])).stdout,
    /reg:a changed\n {2}~ stream a-hook: uri: "http:\/\/127\.0\.0\.1:9\/a" -> "http:\/\/127\.0\.0\.1:9\/new"\n$/);
});

test('a file with an object a line, from standard input', async () => {
  const { code, stdout } = await register(['--file', '-', '--yes'], { input: '{"type":"reg:c"}\n\n{"type":"reg:d","ttl":"ephemeral"}\n' });
  assert.equal(code, 0);
  assert.match(stdout, /registered reg:c\nregistered reg:d\n$/);
});

test('without a terminal and --yes nothing is registered', async () => {
  const file = write('unasked.json', { type: 'reg:unasked' });
  const { code, stderr } = await register(['--file', file]);
  assert.equal(code, 2);
  assert.match(stderr, /say --yes/);
  assert.equal((await stored('reg:unasked')).status, 404);
});

test('on a terminal it asks', async () => {
  const file = write('asked.json', { type: 'reg:asked' });
  for (const [answer, code, status] of [['n', 1, 404], ['y', 0, 200]]) {
    const running = startOnTerminal(['register', '--file', file, '--url', server.url]);
    await running.prints(/Register 1 type\? \[y\/N\]/);
    running.write(`${answer}\n`);
    assert.equal((await running.exited).code, code, running.stdout);
    assert.equal((await stored('reg:asked')).status, status);
  }
});

test('what the server refuses is told with its pointers, and the rest goes on', async () => {
  const file = write('refused.json', [{ type: 'reg:bad', ttl: 'soon' }, { type: 'reg:good' }]);
  const { code, stdout, stderr } = await register(['--file', file, '--yes']);
  assert.equal(code, 1);
  assert.match(stderr, /^headwater: reg:bad: .*\n {2}\/ttl: /);
  assert.match(stdout, /registered reg:good\n$/);
});

test('a file that is none', async () => {
  for (const [content, complaint] of [['{"type":', /is(n't| not)|expected|Expected|JSON/], ['[1]', /definition 1 is no object with a "type"/]]) {
    const { code, stderr } = await register(['--file', write('broken.json', content), '--yes']);
    assert.equal(code, 2);
    assert.match(stderr, complaint);
  }
  assert.equal((await register(['--file', '/nowhere', '--yes'])).code, 2);
  assert.equal((await register([])).code, 2);
});

test('list, show and delete', async () => {
  const list = await register(['list']);
  assert.match(list.stdout, /^TYPE +TTL +STREAMS\n/);
  assert.match(list.stdout, /^reg:a +24days +a-hook$/m);
  assert.ok(jsonLines((await register(['list', '--json'])).stdout).some((type) => type.type === 'reg:d' && type.ttl === 'ephemeral'));
  assert.equal(JSON.parse((await register(['show', 'reg:a'])).stdout).type, 'reg:a');
  assert.equal((await register(['delete', 'reg:d'])).code, 2);
  assert.equal((await register(['delete', 'reg:d', '--yes'])).code, 0);
  const gone = await register(['show', 'reg:d']);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /^headwater: /);
});
