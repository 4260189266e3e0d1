// The README's examples work as they stand, against a fresh server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { check, examplesIn } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';

const examples = examplesIn('README.md', 'readme.test.mjs');

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

test('the block has been found', () => assert.ok(examples.length >= 10, `${examples.length} examples`));

for (const example of examples) {
  test(example.command.split('\n')[0], () => check(example, [['http://127.0.0.1:8080', server.url]]));
}
