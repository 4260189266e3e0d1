// The operator's examples in docs/delivery.md work as they stand, with a destination that is broken until somebody mends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { check, examplesIn } from './support/examples.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { startReceiver } from './support/receiver.mjs';

const examples = examplesIn('docs/delivery.md', 'delivery_docs.test.mjs');

let server;
let receiver;
before(async () => {
  receiver = await startReceiver();
  receiver.answerWith(500);
  server = await startHeadwater();
});
after(async () => {
  await server?.stop();
  await receiver?.stop();
});

test('the block has been found', () => assert.ok(examples.length >= 12, `${examples.length} examples`));

for (const example of examples) {
  test(example.command.split('\n')[0], async () => {
    if (example.command.includes('/retry')) receiver.answerWith(200);
    await check(example, [['http://127.0.0.1:8080', server.url], ['http://127.0.0.1:9000/', receiver.url]], 20_000);
  });
}
