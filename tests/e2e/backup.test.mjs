// Backup and restore as docs/operations.md says, both ways: what was there comes back, and no id is given out twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './support/child.mjs';
import { databaseOf, runSql } from './support/database.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const bin = '/usr/lib/postgresql/15/bin';
const type = 'backup:event';
const jump = 2n ** 32n;

const stopped = [];
let server;
let stored;
before(async () => {
  server = await startHeadwater();
  await putJson(`${server.url}/api/events/register`, { type });
  stored = [await send(server, 'before 1'), await send(server, 'before 2')];
});
after(async () => { for (const one of [...stopped.reverse(), server]) await one?.stop(); });

async function send({ url }, payload) {
  const answer = await postJson(`${url}/api/events/send`, { type, payload });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

const payloadsOf = async ({ url }) =>
  (await getJson(`${url}/api/events/feed/month/current?types=${type}&order=asc`)).body.events.map((event) => event.payload);

async function run(program, args) {
  let out = '';
  const note = (text) => { out += text; };
  const { code } = await launch(path.join(bin, program), args, { onStdout: note, onStderr: note }).exited;
  assert.equal(code, 0, out);
}

function socketOf({ dataDir }) {
  return fs.readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[4];
}

/// Moves everything below a folder to the owner of another.
function give(folder, { uid, gid }) {
  fs.chownSync(folder, uid, gid);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) give(file, { uid, gid });
    else fs.lchownSync(file, uid, gid);
  }
}

test('a dump, brought back into another PostgreSQL', async () => {
  const dump = path.join(makeTempDir(), 'headwater.dump');
  await run('pg_dump', ['-h', socketOf(server), '-U', 'headwater', '-d', 'headwater', '--format=custom', `--file=${dump}`]);
  await send(server, 'after the dump');

  const other = await startHeadwater(); // for its PostgreSQL
  stopped.push(other);
  await runSql(other, ['create database restored template template0']);
  await run('pg_restore', ['-h', socketOf(other), '-U', 'headwater', '-d', 'restored', '--no-owner', '--exit-on-error', dump]);
  const restored = await startHeadwater({ args: ['--database-url', databaseOf(other).replace('@/headwater?', '@/restored?')] });
  stopped.push(restored);
  assert.deepEqual(await payloadsOf(restored), ['before 1', 'before 2']);
  assert.ok(BigInt(await send(restored, 'new')) >= jump, 'the head has jumped');
  assert.deepEqual(await payloadsOf(restored), ['before 1', 'before 2', 'new']);
  assert.equal((await getJson(`${restored.url}/api/events/${stored[0]}`)).body.payload, 'before 1');
});

test('a base backup, put in the place of the cluster', async () => {
  const copy = path.join(makeTempDir(), 'copy');
  await run('pg_basebackup', ['--no-slot', '--checkpoint=fast', '-h', socketOf(server), '-U', 'headwater', '-D', copy]);
  const later = await send(server, 'after the backup');
  await server.stop();

  const cluster = path.join(server.dataDir, 'postgres');
  const owner = fs.statSync(cluster);
  fs.rmSync(cluster, { recursive: true });
  fs.cpSync(copy, cluster, { recursive: true });
  fs.appendFileSync(path.join(cluster, 'postgresql.auto.conf'), "restore_command = 'false'\nhot_standby = off\n");
  fs.writeFileSync(path.join(cluster, 'recovery.signal'), '');
  give(cluster, owner);
  fs.chmodSync(cluster, 0o700);

  server = await startHeadwater({ dataDir: server.dataDir });
  const payloads = await payloadsOf(server);
  assert.ok(payloads.includes('before 2') && !payloads.includes('after the backup'), `${payloads}`);
  const next = BigInt(await send(server, 'new'));
  assert.ok(next >= jump && next > BigInt(later), `${next}: the head has jumped`);
  assert.equal((await getJson(`${server.url}/api/events/${later}`)).status, 410, 'its id belongs to nothing else');
});
