// The README's examples work as they stand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { examplesOf, testExamples } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';

const examples = examplesOf('README.md');

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

test('the block has been found', () => assert.ok(examples.length >= 10, `${examples.length} examples`));
testExamples(examples, () => server.url);
