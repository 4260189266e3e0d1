// The examples of docs/keys.md work as they stand: the keys are made by the binary, against a server that runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { check, examplesIn } from './support/examples.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson } from './support/http.mjs';
import { bearer, runKeys } from './support/keys.mjs';

const examples = examplesIn('docs/keys.md', 'keys_docs.test.mjs');
const page = fs.readFileSync(new URL('../../docs/keys.md', import.meta.url), 'utf8');

let server;
const secrets = [];
before(async () => {
  server = await startHeadwater();
  for (const [, name, args] of page.matchAll(/^(\w+)=\$\(headwater keys (.*)\)$/gm)) {
    const words = args.match(/'[^']*'|\S+/g).map((word) => word.replaceAll("'", ''));
    const { code, out, err } = await runKeys([...words, '--data-dir', server.dataDir]);
    assert.equal(code, 0, err);
    secrets.push([`$${name}`, out.trim()]);
  }
  for (const [, key] of secrets) {
    await eventually(async () => assert.notEqual((await getJson(`${server.url}/api/events`, bearer(key))).status, 401));
  }
});
after(async () => { await server?.stop(); });

test('the block has been found', () => {
  assert.equal(secrets.length, 3);
  assert.equal(examples.length, 6);
});

for (const example of examples) {
  test(example.command.split('\n')[0], () => check(example, [['http://127.0.0.1:8080', server.url], ...secrets], 5_000));
}
