// The private PostgreSQL on a disk of its own, which is full sooner or later.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { whenTestEnds } from './support/child.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { eventually } from './support/eventually.mjs';
import { checkLedger, load, storedEvents } from './support/ledger.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const patience = 60_000;
const servers = [];
after(async () => { for (const server of servers) await server.stop().catch(() => {}); });

/// A small disk in memory, or the reason why there is none.
function mountDisk(size) {
  if (process.getuid() !== 0) return { reason: 'only root may mount a small disk' };
  const folder = makeTempDir();
  const mount = (option) => spawnSync('mount', ['-t', 'tmpfs', '-o', `${option}size=${size}m,mode=755`, 'headwater-test', folder],
    { encoding: 'utf8' });
  const mounted = mount('');
  if (mounted.status !== 0) return { reason: `a small disk cannot be mounted here: ${mounted.stderr ?? mounted.error}` };
  whenTestEnds(() => spawnSync('umount', ['--lazy', folder]));
  return {
    folder,
    grow: (megabytes) => {
      const grown = spawnSync('mount', ['-o', `remount,size=${megabytes}m`, folder], { encoding: 'utf8' });
      assert.equal(grown.status, 0, grown.stderr);
    },
  };
}

/// Takes all but `megabytes` of what is free; returns how to give it back.
function fill(folder, megabytes) {
  const filler = path.join(folder, 'filler');
  const block = Buffer.alloc(1 << 20);
  const file = fs.openSync(filler, 'w');
  try {
    for (let free = Infinity; free > megabytes;) {
      const space = fs.statfsSync(folder);
      free = Math.floor((space.bavail * space.bsize) / (1 << 20));
      if (free > megabytes) fs.writeSync(file, block);
    }
    if (megabytes === 0) for (;;) fs.writeSync(file, block, 0, 4096);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  } finally {
    fs.closeSync(file);
  }
  return () => fs.rmSync(filler);
}

async function startOn(disk, type) {
  const server = await startHeadwater({ dataDir: path.join(disk.folder, 'data') });
  servers.push(server);
  for (const name of [type, 'disk:probe']) await putJson(`${server.url}/api/events/register`, { type: name });
  return server;
}

const probe = (server) => postJson(`${server.url}/api/events/send`, { type: 'disk:probe', payload: 1 });

async function checkFull(server) {
  const refused = await probe(server);
  assert.equal(refused.status, 503, refused.text);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal(refused.body.type, '/problems/unavailable');
  assert.match(refused.body.detail, /disk .* is full/);
  const ready = await request(`${server.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.match(ready.text, /disk/);
}

test('a disk that fills under load: 503 with the reason, reads go on, and so does intake once there is room', async (t) => {
  const disk = mountDisk(256);
  if (disk.reason) return t.skip(disk.reason);
  const server = await startOn(disk, 'disk:load');
  const ledger = load(server, 'disk:load', { fillerBytes: 150_000, senders: 4 });
  t.after(() => ledger.stop());
  await eventually(() => checkFull(server), patience);
  assert.doesNotMatch(server.stderr, /postgres\.crashed/, 'PostgreSQL never met the end of the disk');
  const feed = await getJson(`${server.url}/api/events/feed/day/current?types=disk:load&limit=5`);
  assert.equal(feed.status, 200);
  assert.equal(feed.body.events.length, 5);
  // What is kept free is there for small writes. The load may have eaten into it before it was noticed; a checkpoint gives it back.
  await eventually(async () => assert.equal(
    (await request(`${server.url}/api/events/${feed.body.events[0].id}/ok/me`, { method: 'PUT' })).status, 200), patience);
  disk.grow(1024);
  await eventually(async () => assert.equal((await probe(server)).status, 201), patience);
  assert.equal((await request(`${server.url}/readyz`)).status, 200);
  await ledger.stop();
  checkLedger(ledger, await storedEvents(server, 'disk:load', 50));
});

test('a disk that somebody else fills to the last byte under load: no crash, nothing lost, and it recovers', async (t) => {
  const disk = mountDisk(256);
  if (disk.reason) return t.skip(disk.reason);
  const server = await startOn(disk, 'disk:gone');
  const ledger = load(server, 'disk:gone', { fillerBytes: 20_000, senders: 2 });
  t.after(() => ledger.stop());
  await eventually(() => assert.ok(ledger.accepted.size >= 50), patience);
  const free = fill(disk.folder, 0);
  await eventually(() => checkFull(server), patience);
  assert.equal((await request(`${server.url}/healthz`)).status, 200);
  await server.killPostgres(); // it could not even come back now
  await eventually(async () => assert.match((await request(`${server.url}/readyz`)).text, /PostgreSQL/), patience);
  free();
  const before = ledger.accepted.size;
  await eventually(() => assert.ok(ledger.accepted.size >= before + 20), patience);
  await ledger.stop();
  checkLedger(ledger, await storedEvents(server, 'disk:gone'));
  assert.equal(await server.stop(), 0);
  const again = await startOn(disk, 'disk:gone');
  checkLedger(ledger, await storedEvents(again, 'disk:gone'));
});
