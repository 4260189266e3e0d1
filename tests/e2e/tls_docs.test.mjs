// The commands at the head of docs/tls.md work as they stand.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startHeadwater } from './support/headwater.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const run = promisify(execFile);
const text = fs.readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8');
const [make, serve, ask] = text.split('<!-- tests/e2e/tls_docs.test.mjs runs this block -->\n```sh\n')[1].split('\n```')[0].split('\n');

test('a certificate, a server that shows it, a client that believes it', async () => {
  const folder = makeTempDir();
  await run('bash', ['-c', make], { cwd: folder });
  fs.chmodSync(path.join(folder, 'key.pem'), 0o644);
  const [, options] = serve.match(/^headwater serve (.*)$/);
  const args = options.split(' ').map((word) => (word.endsWith('.pem') ? path.join(folder, word) : word));
  const server = await startHeadwater({ args });
  const { stdout } = await run('bash', ['-c', `${ask.replace('curl', 'curl -sS -w %{http_code}').replace(':8080', `:${new URL(server.url).port}`)}`], { cwd: folder });
  assert.match(stdout, /200$/);
  assert.equal(await server.stop(), 0);
});
