// A PostgreSQL of the run's own, as an operator would run one beside Headwater: durable settings, TCP on a free port.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../e2e/support/free_port.mjs';
import { eventually } from '../e2e/support/eventually.mjs';
import { launch, stopChild, whenTestEnds } from '../e2e/support/child.mjs';
import { makeTempDir } from '../e2e/support/temp_dir.mjs';
import { childrenOf, signalAll, isRunning } from './processes.mjs';

const user = 'postgres';  // PostgreSQL refuses root

export async function startPostgres() {
  const postgres = new Postgres(await freePort());
  await postgres.prepare();
  await postgres.start();
  return postgres;
}

class Postgres {
  #folder = makeTempDir();
  #programs = newestPrograms();
  #postmaster;
  #log = '';

  constructor(port) {
    this.port = port;
    whenTestEnds(() => signalAll(this.#processes(), 'SIGKILL'));
  }

  get log() { return this.#log; }

  async prepare() {
    if (process.getuid() === 0) {
      const id = (option) => Number(execFileSync('/usr/bin/id', [option, user], { encoding: 'utf8' }));
      fs.chownSync(this.#folder, id('-u'), id('-g'));
    }
    await this.#run('initdb', ['-D', this.#data, '-U', 'headwater', '-E', 'UTF8', '--locale=C', '-A', 'trust', '-N']);
  }

  get #data() { return path.join(this.#folder, 'data'); }

  /// Also after kill(): resolves once it takes connections.
  async start() {
    const settings = ['listen_addresses=127.0.0.1', `port=${this.port}`, `unix_socket_directories=${this.#folder}`,
      'shared_buffers=64MB', 'max_connections=200', 'dynamic_shared_memory_type=mmap'];
    this.#postmaster = this.#launch('postgres', ['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])]);
    const where = ['-h', '127.0.0.1', '-p', `${this.port}`, '-U', 'headwater', '-d', 'postgres'];
    await eventually(async () => {
      if (this.#postmaster.hasExited()) return;
      if ((await this.#launch('pg_isready', where).exited).code !== 0) throw new Error(`PostgreSQL does not start: ${this.#log}`);
    }, 60_000);
    if (this.#postmaster.hasExited()) throw new Error(`PostgreSQL ended: ${this.#log}`);
  }

  /// kill -9 of the postmaster and every process of it.
  async kill() {
    const all = this.#processes();
    signalAll(all, 'SIGKILL');
    await this.#postmaster.exited;
    await eventually(() => { if (all.some(isRunning)) throw new Error('PostgreSQL does not end'); });
  }

  /// SIGSTOP of all its processes; thaw() lets them go on.
  freeze() { signalAll(this.#processes(), 'SIGSTOP'); }
  thaw() { signalAll(this.#processes(), 'SIGCONT'); }

  stop() {
    this.#postmaster.kill('SIGINT');
    return stopChild(this.#postmaster, 30_000);
  }

  /// The postmaster first: it then cannot replace what ends.
  #processes() {
    if (!this.#postmaster || this.#postmaster.hasExited()) return [];
    return [this.#postmaster.pid, ...childrenOf(this.#postmaster.pid)];
  }

  async #run(program, args) {
    const { code } = await this.#launch(program, args).exited;
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${this.#log}`);
  }

  #launch(program, args) {
    const note = (text) => { this.#log = (this.#log + text).slice(-1_000_000); };
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
    return launch(path.join(this.#programs, program), args, { env, cwd: this.#folder, user, onStdout: note, onStderr: note });
  }
}

function newestPrograms() {
  const root = '/usr/lib/postgresql';
  const versions = fs.readdirSync(root).map(Number).filter(Number.isInteger).sort((a, b) => b - a);
  return path.join(root, `${versions[0]}`, 'bin');
}
