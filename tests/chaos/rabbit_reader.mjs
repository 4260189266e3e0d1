// A consumer of npm amqplib on a queue of its own, which comes back whenever the broker has been away.
import { amqp } from '../e2e/support/packages.mjs';
import { eventually } from '../e2e/support/eventually.mjs';
import { setTimeout as wait } from 'node:timers/promises';
import { prefetch } from './registrations.mjs';

/// RabbitMQ 3.10 writes down which quorum queues it has only once it has been idle for half a second; one whose broker is killed before
/// that never confirms again, whoever publishes (a kill after 0.7 s: lost, after 1.2 s: not).
const birthMs = 3000;

/// Binds the queue before it resolves, so that nothing is unroutable afterwards, and lets a quorum queue be written down.
export async function startRabbitReader(url, exchange, queueType, stream) {
  const reader = new RabbitReader(url, exchange, queueType, stream);
  await eventually(() => reader.connect(), 60_000);
  if (queueType === 'quorum') await wait(birthMs);
  reader.keepConnected();
  return reader;
}

class RabbitReader {
  #url;
  #exchange;
  #queueType;
  #stream;
  #connection;
  #isClosing = false;

  constructor(url, exchange, queueType, stream) {
    this.#url = url;
    this.#exchange = exchange;
    this.#queueType = queueType;
    this.#stream = stream;
  }

  async connect() {
    const connection = await amqp.connect(this.#url, { timeout: 5000 });
    connection.on('error', () => {});
    this.#connection = connection;
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    await channel.assertExchange(this.#exchange, 'topic', { durable: true });
    const { queue } = await channel.assertQueue(`q-${this.#exchange}`, {
      durable: true, arguments: { 'x-queue-type': this.#queueType },
    });
    await channel.bindQueue(queue, this.#exchange, '#');
    await channel.prefetch(prefetch);
    await channel.consume(queue, (message) => { if (message) this.#take(channel, message); });
  }

  async keepConnected() {
    while (!this.#isClosing) {
      const connection = this.#connection;
      if (connection) await new Promise((resolve) => connection.once('close', resolve));
      this.#connection = undefined;
      await wait(200);
      if (!this.#isClosing) await this.connect().catch(() => this.#connection?.close().catch(() => {}));
    }
  }

  async close() {
    this.#isClosing = true;
    await this.#connection?.close().catch(() => {});
  }

  #take(channel, message) {
    const event = JSON.parse(message.content.toString());
    const { arrivals, complaints } = this.#stream;
    if (message.properties.messageId !== event.id) complaints.push(`message_id ${message.properties.messageId} of event ${event.id}`);
    arrivals.push({ id: Number(event.id), key: event.payload?.key, subject: event.subject, at: Date.now(), answer: 'taken',
                    isRedelivered: message.fields.redelivered });
    try { channel.ack(message); } catch { /* the channel has just closed: it comes again */ }
  }
}
