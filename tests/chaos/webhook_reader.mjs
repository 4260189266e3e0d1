// A webhook behind a proxy of its own: verifies each request's signature, writes down what came and what it answered.
import http from 'node:http';
import { Webhook } from '../e2e/support/packages.mjs';
import { startProxy } from './tcp_proxy.mjs';

export async function startWebhookReader(stream, random) {
  const reader = new WebhookReader(stream, random);
  await reader.listen();
  return reader;
}

class WebhookReader {
  #stream;
  #random;
  #verifier;
  #early = [];
  #wrong;
  #share = 0;
  #hanging = new Set();
  #server = http.createServer((request, response) => this.#take(request, response));

  constructor(stream, random) {
    this.#stream = stream;
    this.#random = random;
    this.#server.keepAliveTimeout = 60_000;
  }

  get name() { return this.#stream.name; }
  get url() { return `http://127.0.0.1:${this.proxy.port}/${this.name}`; }

  async listen() {
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
    this.proxy = await startProxy(this.#server.address().port);
  }

  /// The secret that the registration has shown; what came before is verified now.
  verifyWith(secret) {
    this.#verifier = new Webhook(secret);
    for (const { body, headers } of this.#early.splice(0)) this.#verify(body, headers);
  }

  /// This share of the requests is answered so: { status, headers } or { way: 'hang' | 'reset' | 'endless' }.
  misbehave(answer, share) {
    this.#wrong = answer;
    this.#share = share;
  }

  behave() {
    this.#share = 0;
    for (const socket of this.#hanging) socket.destroy();
    this.#hanging.clear();
  }

  async #take(request, response) {
    const pieces = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return;  // cut off in the middle of the request: nothing has come
    }
    const body = Buffer.concat(pieces).toString();
    const event = read(body);
    if (!event) {
      const isWhole = Buffer.byteLength(body) === Number(request.headers['content-length']);
      if (isWhole) this.#stream.complaints.push(`a body that is no event: ${body.slice(0, 200)}`);
      return void response.writeHead(400).end();
    }
    if (request.url !== `/${this.name}`) this.#stream.complaints.push(`a request for ${request.url}: a redirect was followed`);
    this.#verify(body, request.headers);
    const arrival = { id: Number(event.id), key: event.payload?.key, subject: event.subject, at: Date.now(), answer: 'refused' };
    this.#stream.arrivals.push(arrival);
    if (this.#random.next() < this.#share) this.#answerWrongly(arrival, request.socket, response);
    else this.#accept(arrival, response);
  }

  /// Until the answer has gone, and unless the client has gone first, the server cannot know.
  #accept(arrival, response) {
    arrival.answer = 'cut';
    response.on('finish', () => { if (!response.socket?.destroyed) arrival.answer = 'taken'; });
    response.writeHead(204).end();
  }

  #answerWrongly(arrival, socket, response) {
    const { way, status, headers } = this.#wrong;
    if (way === 'hang') {
      this.#hanging.add(socket);
      socket.once('close', () => this.#hanging.delete(socket));
    } else if (way === 'reset') {
      socket.resetAndDestroy();
    } else if (way === 'endless') {
      arrival.answer = 'cut';
      response.writeHead(200);
      const piece = Buffer.alloc(16 * 1024, 'x');
      const write = () => { while (!response.destroyed && response.write(piece)); };
      response.on('drain', write);
      write();
    } else {
      response.writeHead(status, headers).end('no');
    }
  }

  #verify(body, headers) {
    if (!this.#verifier) return void this.#early.push({ body, headers });
    try {
      this.#verifier.verify(body, headers);
    } catch (error) {
      this.#stream.complaints.push(`a signature does not verify (${error.message})`);
    }
    if (headers['webhook-id'] === undefined) this.#stream.complaints.push('no webhook-id');
  }
}

function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
