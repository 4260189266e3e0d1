// A TCP proxy that cuts connections as a failing network does: with a reset, in the middle of what is being said.
import net from 'node:net';

export async function startProxy(targetPort) {
  const proxy = new TcpProxy(targetPort);
  await proxy.listen();
  return proxy;
}

class TcpProxy {
  #targetPort;
  #server = net.createServer((client) => this.#serve(client));
  #links = new Set();

  constructor(targetPort) { this.#targetPort = targetPort; }

  get port() { return this.#server.address().port; }

  listen() {
    return new Promise((resolve, reject) => this.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
  }

  /// Each connection that is open breaks in its server's next answer: half of it still goes through. Those whose server says
  /// nothing within `patience` ms break then. Returns how many there were.
  cutInAnswers(patience) {
    const cut = [...this.#links];
    for (const link of cut) link.isToBreak = true;
    setTimeout(() => { for (const link of cut) link.break(); }, patience).unref();
    return cut.length;
  }

  #serve(client) {
    const server = net.connect(this.#targetPort, '127.0.0.1');
    const link = { isToBreak: false, break: () => { for (const socket of [client, server]) socket.resetAndDestroy(); } };
    this.#links.add(link);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => link.break());
    }
    client.on('close', () => { this.#links.delete(link); server.destroy(); });
    server.on('close', () => client.destroySoon());
    client.pipe(server);
    server.on('data', (data) => {
      if (link.isToBreak) {
        client.write(data.subarray(0, data.length >> 1), () => link.break());
      } else if (!client.write(data)) {
        server.pause();
      }
    });
    client.on('drain', () => server.resume());
  }
}
