// A short run of ./dev chaos: every kind of fault once, in an order that the seed decides. And its command line.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('chaos.mjs', import.meta.url));
const chaos = (...words) => spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', maxBuffer: 64 << 20 });

test('two nodes under load, with every kind of fault: every rule holds', () => {
  const { status, stdout, stderr } = chaos('--seconds', '20', '--seed', '11', '--rate', '150', '--patience', '300');
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /Every rule holds/);
  for (const kind of ['node-kill', 'postgres-kill', 'rabbit-kill', 'cut-rabbit', 'webhook-hang']) assert.match(stdout, new RegExp(`[1-9] ${kind}`));
});

test('one node with its private PostgreSQL killed under load: every rule holds', () => {
  const { status, stdout, stderr } = chaos('--postgres', 'private', '--seconds', '5', '--seed', '12', '--rate', '150', '--patience', '300',
    '--faults', 'postgres-kill,node-kill,webhook-500');
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /Every rule holds/);
});

test('bad options are named, all at once, with exit code 2', () => {
  const { status, stderr } = chaos('--seed', 'x', '--nodes', '9', '--faults', 'flood', '--quick');
  assert.equal(status, 2);
  for (const mistake of [/--seed/, /--nodes/, /flood/, /--quick/]) assert.match(stderr, mistake);
});

test('--help names every kind of fault', () => {
  const { status, stdout } = chaos('--help');
  assert.equal(status, 0);
  for (const kind of ['node-stop', 'rabbit-alarm', 'webhook-endless']) assert.match(stdout, new RegExp(kind));
});
