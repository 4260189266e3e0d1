// Live subscribers that resume where they were: a WebSocket of npm ws and an EventSource of npm eventsource.
import { EventSource, WebSocket } from '../e2e/support/packages.mjs';
import { setTimeout as wait } from 'node:timers/promises';

/// Keeps one connection at a time, each to the next node, until close().
class LiveReader {
  ledger;
  #nodes;
  #next;
  #isClosing = false;
  #ended;
  #end = () => {};

  constructor(ledger, nodes, first) {
    this.ledger = ledger;
    this.#nodes = nodes;
    this.#next = first;
  }

  start() { this.#ended = this.#run(); }

  async close() {
    this.#isClosing = true;
    this.#end();
    await this.#ended;
  }

  /// The newest position that it knows to have passed.
  cursor;

  async #run() {
    while (!this.#isClosing) {
      const { url } = this.#nodes[this.#next++ % this.#nodes.length];
      await new Promise((resolve) => { this.#end = this.connect(url, resolve); });
      if (!this.#isClosing) await wait(200);
    }
  }

  takeStart({ cursor, gap }) {
    this.ledger.connections += 1;
    this.ledger.start ??= Number(cursor);
    this.cursor ??= cursor;
    if (gap) this.ledger.complaints.push(`resuming after ${this.cursor} was said to leave a gap`);
  }

  takeEvent(id) {
    this.ledger.ids.push(Number(id));
    this.cursor = id;
  }
}

export class SocketReader extends LiveReader {
  connect(url, resolve) {
    const query = new URLSearchParams({ types: this.ledger.types.join(','), ...(this.cursor && { since: this.cursor }) });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/events/?${query}`, { handshakeTimeout: 10_000 });
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.recovered !== undefined) this.takeStart(message);
      else if (message.cursor !== undefined) this.cursor = message.cursor;
      else if (message.id !== undefined) this.takeEvent(message.id);
      else this.ledger.complaints.push(`a message that is no event: ${data.toString().slice(0, 200)}`);
    });
    socket.on('error', () => {});
    socket.on('close', resolve);
    return () => socket.terminate();
  }
}

export class EventSourceReader extends LiveReader {
  /// It resumes by itself after a broken connection, from the ids in the stream; it gives up on any status but 200.
  connect(url, resolve) {
    const query = new URLSearchParams({ types: this.ledger.types.join(',') });
    const headers = this.cursor ? { 'Last-Event-ID': this.cursor } : {};
    const source = new EventSource(`${url}/api/events/stream?${query}`, { headers });
    source.addEventListener('cursor', (event) => this.takeStart(JSON.parse(event.data)));
    source.addEventListener('message', (event) => this.takeEvent(JSON.parse(event.data).id));
    source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) resolve(); });
    return () => { source.close(); resolve(); };
  }
}
