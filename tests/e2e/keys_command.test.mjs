// `headwater keys` against a private server that runs, one that does not, and the rules of an open server.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson } from './support/http.mjs';
import { bearer, runKeys } from './support/keys.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const dataDir = path.join(makeTempDir(), 'data');
const place = ['--data-dir', dataDir];

test('before the first key only this machine is let in', async () => {
  await assert.rejects(startHeadwater({ dataDir, listen: '0.0.0.0:0' }), /ended with 1.*there are no keys.*keys create/s);
});

test('keys are made and listed while no server runs', async () => {
  const made = await runKeys(['create', '--name', 'first', '--scope', 'read=a:*', '--scope', 'send', '--rate', '100/s', '--expires', '90days', '--json', ...place]);
  assert.equal(made.code, 0, made.err);
  const key = JSON.parse(made.out);
  assert.match(key.key, /^hw_[\w-]{43}$/);
  assert.deepEqual(key.scopes, [{ scope: 'read', types: ['a:*'] }, { scope: 'send' }]);
  assert.equal(key.rate, '100/s');
  const list = JSON.parse((await runKeys(['list', '--json', ...place])).out);
  assert.equal(list.length, 1);
  assert.equal(list[0].state, 'good');
  assert.ok(!JSON.stringify(list).includes(key.key));
});

test('all mistakes are named at once', async () => {
  const { code, err } = await runKeys(['create', '--name', 'bad name', '--scope', 'fly', '--rate', 'x', '--expires', 'never', '--types', 'a::b', ...place]);
  assert.equal(code, 2);
  for (const option of ['--name', '--scope', '--rate', '--expires', '--types']) assert.match(err, new RegExp(option));
  assert.equal((await runKeys(['create', '--name', 'none', ...place])).code, 2);
});

test('with keys it may listen anywhere; disabled they open it on this machine alone', async () => {
  const server = await startHeadwater({ dataDir, listen: '0.0.0.0:0' });
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  assert.equal((await getJson(`${url}/api/events`)).status, 401);
  const made = await runKeys(['create', '--name', 'second', '--scope', 'read', ...place]);
  assert.equal(made.code, 0, made.err);
  const key = made.out.trim();
  await eventually(async () => assert.equal((await getJson(`${url}/api/events`, bearer(key))).status, 200));
  assert.equal((await runKeys(['create', '--name', 'second', '--scope', 'read', ...place])).code, 1, 'the name is taken');
  assert.equal((await runKeys(['revoke', 'nobody', ...place])).code, 1);
  assert.equal((await runKeys(['disable', ...place])).code, 0);
  assert.equal((await getJson(`${url}/api/events`)).status, 401, 'it can be reached from elsewhere, so it goes on asking');
  assert.equal((await getJson(`${url}/api/events`, bearer(key))).status, 200);
  assert.equal(await server.stop(), 0);
  await assert.rejects(startHeadwater({ dataDir, listen: '0.0.0.0:0' }), /there are no keys/);

  const local = await startHeadwater({ dataDir });
  assert.equal((await getJson(`${local.url}/api/events`)).status, 200);
  assert.equal((await runKeys(['create', '--name', 'third', '--scope', 'read', ...place])).code, 0);
  await eventually(async () => assert.equal((await getJson(`${local.url}/api/events`)).status, 401), 5_000);
  assert.equal((await getJson(`${local.url}/api/events`, bearer(key))).status, 200, 'earlier keys count again');
  assert.equal(await local.stop(), 0);
  const used = JSON.parse((await runKeys(['list', '--json', ...place])).out).find(({ name }) => name === 'second');
  assert.ok(Date.parse(used.last_used_at) > Date.now() - 600_000, 'saved when the server stopped');
});
