// Every event of a registered type reaches its exchange and its webhook, also when they were away for a while.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import amqp from 'amqplib';
import { Webhook } from 'standardwebhooks';
import { startHeadwater } from './support/headwater.mjs';
import { postJson, putJson, getJson } from './support/http.mjs';
import { startRabbit } from './support/rabbit.mjs';
import { startReceiver } from './support/receiver.mjs';
import { eventually } from './support/eventually.mjs';

let rabbit;
let server;
before(async () => {
  rabbit = await startRabbit();
  server = await startHeadwater({ args: ['--rabbit', rabbit.url] });
});
after(async () => {
  await server?.stop();
  await rabbit?.stop();
});

const register = (type, streams) => putJson(`${server.url}/api/events/register`, { type, streams });
const send = async (type, payload) => {
  const answer = await postJson(`${server.url}/api/events/send`, { type, payload });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
};

/// Binds a queue to the exchange and collects what arrives, with amqplib.
async function consume(exchange, key) {
  const connection = await amqp.connect(rabbit.url);
  connection.on('error', () => {});
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  await channel.assertExchange(exchange, 'topic', { durable: true });
  const { queue } = await channel.assertQueue(`q-${exchange}`, { durable: true });
  await channel.bindQueue(queue, exchange, key);
  const messages = [];
  await channel.consume(queue, (m) => { if (m) { messages.push(m); channel.ack(m); } });
  return { messages, close: () => connection.close().catch(() => {}) };
}

test('events arrive at the exchange, persistent, in order, byte for byte', async () => {
  const answer = await register('to:rabbit', [{ source: 'rabbit', exchange: 'campaigns', routingKey: 'end-budget' }]);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.streams.length, 1);
  const consumer = await consume('campaigns', 'end-budget');
  const ids = [];
  for (let i = 0; i < 100; ++i) ids.push(await send('to:rabbit', { n: i }));
  await eventually(() => assert.ok(consumer.messages.length >= 100));
  assert.deepEqual(consumer.messages.map((m) => JSON.parse(m.content).id), ids);
  const first = consumer.messages[0];
  assert.equal(first.properties.deliveryMode, 2);
  assert.equal(first.properties.messageId, ids[0]);
  assert.equal(first.properties.contentType, 'application/json');
  const event = await (await fetch(`${server.url}/api/events/${ids[0]}`)).text();
  assert.ok(event.startsWith(first.content.toString().slice(0, -1)), 'the body is the event');
  await consumer.close();
});

test('python\'s pika reads what arrived', async () => {
  await register('to:pika', [{ source: 'rabbit', exchange: 'pika', routingKey: '{type}' }]);
  const script = `
import json, pika, sys
c = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
ch = c.channel()
ch.exchange_declare('pika', 'topic', durable=True)
ch.queue_declare('q-pika', durable=True)
ch.queue_bind('q-pika', 'pika', 'to:pika')
c.close()`;
  const read = `
import pika, sys
c = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
for method, properties, body in c.channel().consume('q-pika', auto_ack=True, inactivity_timeout=20):
    print(properties.message_id if body else 'nothing')
    break`;
  const python = (code) => spawnSync('/usr/bin/python3', ['-c', code, rabbit.url], { encoding: 'utf8' });
  assert.equal(python(script).stderr, '');
  const id = await send('to:pika', 'hello');
  assert.equal(python(read).stdout.trim(), id);
});

test('an exchange of another type is refused at registration', async () => {
  const connection = await amqp.connect(rabbit.url);
  const channel = await connection.createChannel();
  await channel.assertExchange('is-direct', 'direct', { durable: true });
  await connection.close();
  const answer = await register('to:direct', [{ source: 'rabbit', exchange: 'is-direct', routingKey: 'x' }]);
  assert.equal(answer.status, 422);
});

test('a webhook is signed by Standard Webhooks and retried until it answers 2xx', async () => {
  const receiver = await startReceiver();
  const answer = await register('to:webhook', [{ source: 'webhook', uri: receiver.url, retries: ['1s'] }]);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const secret = answer.body.streams[0].secret;
  assert.match(secret, /^whsec_/);
  receiver.answerWith(500);
  const id = await send('to:webhook', { text: 'snow ☃' });
  await eventually(() => assert.ok(receiver.requests.length >= 1));
  receiver.answerWith(204);
  await eventually(() => assert.ok(receiver.requests.length >= 2));
  for (const request of receiver.requests) {
    const body = new Webhook(secret).verify(request.body, request.headers);
    assert.equal(body.id, id);
    assert.deepEqual(body.payload, { text: 'snow ☃' });
  }
  assert.equal(new Set(receiver.requests.map((r) => r.headers['webhook-id'])).size, 1);
  const read = await getJson(`${server.url}/api/events/register/to:webhook`);
  assert.equal(JSON.stringify(read.body).includes(secret), false, 'the secret is shown once only');
  await receiver.stop();
});

test('a webhook\'s server may be down: nothing is missing afterwards', async () => {
  const receiver = await startReceiver();
  const { port } = receiver;
  await register('to:down', [{ source: 'webhook', uri: receiver.url, retries: ['1s'] }]);
  const sent = [await send('to:down', 0)];
  await eventually(() => assert.equal(receiver.requests.length, 1));
  await receiver.stop();
  for (let i = 1; i <= 50; ++i) sent.push(await send('to:down', i));
  const back = await startReceiver({ port });
  await eventually(() => {
    const got = new Set([...receiver.requests, ...back.requests].map((r) => JSON.parse(r.body).id));
    assert.deepEqual([...got].sort(), [...sent].sort());
  }, 60_000);
  await back.stop();
});

test('RabbitMQ may be killed: intake goes on and nothing is missing afterwards', async () => {
  await register('to:killed', [{ source: 'rabbit', exchange: 'killed', routingKey: 'k' }]);
  const before_ = await consume('killed', 'k');
  const sent = [];
  for (let i = 0; i < 20; ++i) sent.push(await send('to:killed', i));
  await eventually(() => assert.ok(before_.messages.length >= 20));
  await rabbit.kill();
  for (let i = 0; i < 200; ++i) sent.push(await send('to:killed', i));
  await eventually(async () => {
    const read = await getJson(`${server.url}/api/events/register/to:killed`);
    assert.equal(read.body.streams[0].state, 'blocked');
  }, 30_000);
  await rabbit.restart();
  const after_ = await consume('killed', 'k');
  await eventually(() => {
    const got = new Set([...before_.messages, ...after_.messages].map((m) => JSON.parse(m.content).id));
    assert.deepEqual(sent.filter((id) => !got.has(id)), []);
  }, 60_000);
  await after_.close();
});

test('one destination serves many types', async () => {
  const receiver = await startReceiver();
  await register('many:a');
  await register('many:b');
  const put = await putJson(`${server.url}/api/streams/all-of-many`, { source: 'webhook', uri: receiver.url, types: ['many:*'] });
  assert.ok(put.status === 201 || put.status === 200, JSON.stringify(put.body));
  const ids = [await send('many:a', 1), await send('many:b', 2)];
  await eventually(() => assert.deepEqual(receiver.requests.map((r) => JSON.parse(r.body).id).sort(), ids.sort()));
  await receiver.stop();
});
