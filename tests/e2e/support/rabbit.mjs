// A RabbitMQ node of the test's own: home, data, logs, ports and port mapper (epmd) are nobody else's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { eventually } from './eventually.mjs';
import { freePort } from './free_port.mjs';
import { launch, stopChild } from './child.mjs';
import { makeTempDir } from './temp_dir.mjs';

const programs = '/usr/lib/rabbitmq/bin';
const user = 'rabbitmq';  // RabbitMQ's scripts refuse root

/// Resolves once it takes connections, which takes some seconds: share one between the tests of a file.
export async function startRabbit() {
  const rabbit = new Rabbit(await freePort(), await freePort(), await freePort());
  await rabbit.restart();
  return rabbit;
}

class Rabbit {
  #folder = makeTempDir();
  #env;
  #node;
  #log = '';

  constructor(port, mapperPort, nodePort) {
    this.port = port;
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
    const folder = this.#folder;
    this.#env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: folder,
      RABBITMQ_MNESIA_BASE: `${folder}/mnesia`, RABBITMQ_LOG_BASE: `${folder}/log`, RABBITMQ_PID_FILE: `${folder}/pid`,
      RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq`, RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
      RABBITMQ_CONF_ENV_FILE: `${folder}/none`, RABBITMQ_NODENAME: `t${port}@localhost`,
      ERL_EPMD_PORT: `${mapperPort}`, RABBITMQ_DIST_PORT: `${nodePort}`,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      // The script then becomes the server instead of waiting for it, so that its pid is the server's.
      NOTIFY_SOCKET: `${folder}/none`,
    };
    fs.writeFileSync(path.join(folder, 'rabbitmq.conf'),
      `listeners.tcp.default = 127.0.0.1:${port}\nlog.console = true\nlog.console.level = warning\n`);
    fs.writeFileSync(path.join(folder, 'enabled_plugins'), '[].\n');
    if (process.getuid() === 0) {
      const id = (option) => Number(execFileSync('/usr/bin/id', [option, user], { encoding: 'utf8' }));
      fs.chownSync(folder, id('-u'), id('-g'));
    }
    this.#launch('/usr/bin/epmd', ['-port', `${mapperPort}`, '-address', '127.0.0.1'], { inBackground: true });
  }

  #launch(program, args, options = {}) {
    const note = (text) => { this.#log += text; };
    return launch(program, args, { env: this.#env, cwd: this.#folder, user, onStdout: note, onStderr: note, ...options });
  }

  /// Starts it again after stop() or kill(), on the same port with the same data.
  async restart() {
    if (this.#node && !this.#node.hasExited()) await this.stop();
    this.#node = this.#launch(`${programs}/rabbitmq-server`, []);
    await eventually(async () => {
      if (!this.#node.hasExited() && !(await answersGreeting(this.port))) throw new Error(`RabbitMQ is not ready: ${this.#log}`);
    }, 240_000);
    if (this.#node.hasExited()) throw new Error(`RabbitMQ ended: ${this.#log}`);
  }

  async stop() { await stopChild(this.#node, 30_000); }

  /// kill -9.
  async kill() {
    this.#node.kill('SIGKILL');
    await this.#node.exited;
  }

  /// A memory alarm: the broker blocks every connection that publishes.
  raiseAlarm() { return this.control('set_vm_memory_high_watermark', '0.00000001'); }
  clearAlarm() { return this.control('set_vm_memory_high_watermark', '0.4'); }

  /// Runs rabbitmqctl with these words; rejects when it fails.
  async control(...words) {
    const { code } = await this.#launch(`${programs}/rabbitmqctl`, words).exited;
    if (code !== 0) throw new Error(`rabbitmqctl ${words.join(' ')} ended with ${code}: ${this.#log}`);
  }
}

/// The port is open a little before the broker is: it is ready when it answers the protocol's greeting.
function answersGreeting(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('AMQP\0\0\x09\x01', 'latin1'));
    const settle = (answer) => { socket.destroy(); resolve(answer); };
    socket.setTimeout(2000, () => settle(false)).once('data', () => settle(true));
    socket.once('error', () => settle(false)).once('close', () => settle(false));
  });
}
