// One headwater process that is started again when it has ended, as a service manager would.
import { startHeadwater } from '../e2e/support/headwater.mjs';
import { freePort } from '../e2e/support/free_port.mjs';

/// `args` are those of `headwater serve` besides its addresses.
export async function startNode(label, args, dataDir) {
  const node = new Node(label, args, dataDir, await freePort());
  await node.start(0);
  return node;
}

class Node {
  #args;
  #dataDir;
  #server;
  #logs = [];

  constructor(label, args, dataDir, port) {
    this.label = label;
    this.#args = args;
    this.#dataDir = dataDir;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /// Everything that it wrote to standard error, all its lives.
  get log() { return [...this.#logs, this.#server?.stderr ?? ''].join(''); }

  /// Starts it and, while it cannot start (PostgreSQL may be away), starts it again until patience ends.
  async start(patience = 120_000) {
    const deadline = Date.now() + patience;
    for (;;) {
      try {
        this.#server = await startHeadwater({ args: ['--node', this.label, ...this.#args], dataDir: this.#dataDir,
                                              listen: `127.0.0.1:${this.port}` });
        return;
      } catch (error) {
        this.#logs.push(`${error.message}\n`);
        if (Date.now() > deadline) throw new Error(`${this.label} does not start: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  async kill() {
    await this.#server.kill();
    this.#keepLog();
  }

  /// SIGTERM; resolves to the exit code.
  async stop() {
    const code = await this.#server.stop();
    this.#keepLog();
    return code;
  }

  freeze() { this.#server.signal('SIGSTOP'); }
  thaw() { this.#server.signal('SIGCONT'); }
  /// Only of a node with a private PostgreSQL.
  killPostgres() { return this.#server.killPostgres(); }

  #keepLog() {
    this.#logs.push(this.#server.stderr);
    this.#server.stderr = '';
  }
}
