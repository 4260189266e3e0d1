// Everything that takes part in a run: servers and the proxies between them, destinations, readers.
import path from 'node:path';
import { startRabbit } from '../e2e/support/rabbit.mjs';
import { makeTempDir } from '../e2e/support/temp_dir.mjs';
import { FeedLedger, LiveLedger, StreamLedger } from './ledger.mjs';
import { ClientReader, TailReader } from './feed_reader.mjs';
import { EventSourceReader, SocketReader } from './live_reader.mjs';
import { startNode } from './node.mjs';
import { startPostgres } from './postgres.mjs';
import { startRabbitReader } from './rabbit_reader.mjs';
import { lateStream, registrations, streams, types } from './registrations.mjs';
import { mustPut } from './requests.mjs';
import { startProxy } from './tcp_proxy.mjs';
import { startWebhookReader } from './webhook_reader.mjs';

export class World {
  nodes = [];
  webhooks = [];
  proxies = {};
  postgres;
  rabbit;
  #readers = [];

  constructor(options, ledger, random) {
    this.options = options;
    this.ledger = ledger;
    this.random = random;
  }

  /// Starts the servers and registers all streams but the late one.
  async start() {
    [this.rabbit, this.postgres] = await Promise.all([startRabbit(), this.options.postgres === 'own' ? startPostgres() : undefined]);
    this.proxies.rabbit = await startProxy(this.rabbit.port);
    if (this.postgres) this.proxies.postgres = await startProxy(this.postgres.port);
    for (let i = 1; i <= this.options.nodes; ++i) this.nodes.push(await startNode(`node-${i}`, this.#nodeArgs(), path.join(makeTempDir(), 'data')));
    for (const stream of streams) await this.#openDestination(stream);
    for (const [address, body] of registrations((name) => this.#destination(name))) await this.#register(address, body);
    await this.#openReaders();
  }

  #nodeArgs() {
    const args = ['--rabbit', `amqp://guest:guest@127.0.0.1:${this.proxies.rabbit.port}`, '--webhook-allow', '127.0.0.0/8', '--log-level', 'info'];
    return this.postgres ? [...args, '--database-url', `postgresql://headwater@127.0.0.1:${this.proxies.postgres.port}/postgres`] : args;
  }

  /// A stream that begins at the beginning while others are at work.
  async addLateStream() {
    await this.#openDestination(lateStream);
    await this.#register(...lateStream.registration(this.#destination(lateStream.name)));
  }

  async #openDestination(stream) {
    const ledger = new StreamLedger(stream);
    this.ledger.streams.push(ledger);
    if (stream.source === 'webhook') this.webhooks.push(await startWebhookReader(ledger, this.random));
    else this.#readers.push(await startRabbitReader(this.rabbit.url, stream.name, stream.queueType, ledger));
  }

  #destination(name) { return this.webhooks.find((webhook) => webhook.name === name)?.url; }

  /// The secret of each webhook is shown once, in the answer.
  async #register(address, body) {
    const answer = await mustPut(`${this.nodes[0].url}${address}`, body);
    for (const stream of answer.streams ?? [answer]) {
      this.ledger.streams.find((known) => known.name === stream.name).id = stream.id;
      if (stream.secret) this.webhooks.find((webhook) => webhook.name === stream.name).verifyWith(stream.secret);
    }
  }

  async #openReaders() {
    const start = (Reader, list, ledger, first) => {
      list.push(ledger);
      const reader = new Reader(ledger, this.nodes, first);
      this.#readers.push(reader);
      reader.start();
    };
    this.nodes.forEach((node, i) => {
      start(SocketReader, this.ledger.subscribers, new LiveLedger({ name: `websocket-${i + 1}`, types }), i);
      start(EventSourceReader, this.ledger.subscribers, new LiveLedger({ name: `sse-${i + 1}`, types: types.slice(0, 1) }), i);
    });
    start(TailReader, this.ledger.feeds, Object.assign(new FeedLedger({ name: 'tail', types }), { start: 0 }));
    start(ClientReader, this.ledger.feeds, Object.assign(new FeedLedger({ name: 'consumer', types }), { start: 0, isSet: true }));
  }

  /// Ends the readers; the servers stay.
  async closeReaders() { await Promise.all(this.#readers.map((reader) => reader.close())); }

  /// SIGTERM to the nodes: each must drain and exit with 0. All else ends with this process.
  async stopNodes() {
    for (const node of this.nodes) {
      const code = await node.stop();
      if (code !== 0) this.ledger.unrecovered.push(`${node.label} ended with ${code} after SIGTERM`);
    }
  }

  /// By name: what the servers wrote.
  logs() {
    const logs = Object.fromEntries(this.nodes.map((node) => [node.label, node.log]));
    return this.postgres ? { ...logs, postgres: this.postgres.log } : logs;
  }
}
