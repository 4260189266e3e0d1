// A webhook's receiver: records requests and answers as it is told.
import http from 'node:http';

/// Resolves to a Receiver that listens on 127.0.0.1 and answers 200.
export async function startReceiver({ port = 0 } = {}) {
  const receiver = new Receiver();
  await receiver.start(port);
  return receiver;
}

class Receiver {
  /// { method, url, headers, body, at }, as they came.
  requests = [];
  #answer = () => ({ status: 200 });
  #server;

  get url() { return `http://127.0.0.1:${this.port}/`; }

  /// A status; or { status, headers, body, delay (ms), way }, way being 'hang' (silence), 'reset' or 'endless' (a body without end);
  /// or a function from a request to one of these.
  answerWith(answer) { this.#answer = typeof answer === 'function' ? answer : () => answer; }

  /// Listens again after stop(), on the same port.
  async start(port = this.port) {
    this.#server = http.createServer((request, response) => this.#take(request, response));
    this.#server.keepAliveTimeout = 60_000;
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
  }

  /// Ends every connection and refuses new ones.
  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request, response) {
    const pieces = [];
    request.on('error', () => {});
    for await (const piece of request) pieces.push(piece);
    const { method, url, headers } = request;
    const received = { method, url, headers, body: Buffer.concat(pieces).toString(), at: Date.now() };
    this.requests.push(received);
    const told = this.#answer(received);
    this.#reply(response, typeof told === 'number' ? { status: told } : told);
  }

  async #reply(response, { status = 200, headers = {}, body = '', delay = 0, way = 'answer' }) {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (way === 'hang') return;
    if (way === 'reset') {
      response.socket.resetAndDestroy();
      return;
    }
    response.writeHead(status, headers);
    if (way === 'endless') {
      const piece = Buffer.alloc(64 * 1024, 'x');
      const write = () => { while (!response.destroyed && response.write(piece)); };
      response.on('drain', write);
      write();
      return;
    }
    response.end(body);
  }
}
