// The real server as a child process: HEADWATER_BINARY, or the optimised build.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';
import { launch, stopChild, whenTestEnds } from './child.mjs';
import { makeTempDir } from './temp_dir.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const binary = process.env.HEADWATER_BINARY ?? path.join(root, 'build/release/headwater');

/// Our environment without what would change the server's options.
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEADWATER_')));

/// Starts `headwater serve` on free ports (or these) and resolves once it is ready to take events. `args` are further options.
/// Rejects with what it wrote to standard error when it ends or is silent instead.
export async function startHeadwater({ args = [], dataDir, listen = '127.0.0.1:0', opsListen = '127.0.0.1:0', env = {},
                                       patience = 60_000 } = {}) {
  const server = new Headwater(dataDir ?? path.join(makeTempDir(), 'data'));
  await server.launch(['--listen', listen, '--ops-listen', opsListen, '--data-dir', server.dataDir, ...args], env, patience);
  return server;
}

class Headwater {
  url;
  opsUrl;
  stderr = '';
  #stdout = '';
  #child;

  constructor(dataDir) {
    this.dataDir = dataDir;
    whenTestEnds(() => this.signalPostgres('SIGKILL'));
  }

  get pid() { return this.#child.pid; }
  /// Resolves to { code, signal } when it ends.
  get exited() { return this.#child.exited; }

  async launch(args, env, patience) {
    this.#child = launch(binary, ['serve', ...args], {
      env: { ...environment(), ...env },
      onStdout: (text) => { this.#stdout += text; },
      onStderr: (text) => { this.stderr += text; },
    });
    const ready = () => this.#stdout.match(/^headwater ready (\S+) ops (\S+)$/m);
    await eventually(() => {
      if (!ready() && !this.#child.hasExited()) throw new Error(`headwater is not ready: ${this.stderr}`);
    }, patience);
    if (!ready()) {
      const { code, signal } = await this.#child.exited;
      throw new Error(`headwater ended with ${code ?? signal}: ${this.stderr}`);
    }
    [, this.url, this.opsUrl] = ready();
  }

  /// SIGTERM; resolves to the exit code (null when a signal ended it). Does nothing to one that has ended.
  stop(patience = 30_000) { return stopChild(this.#child, patience); }

  signal(name) { this.#child.kill(name); }

  /// kill -9 of the server alone.
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }

  /// kill -9 of every process of its private PostgreSQL; resolves when all that ran are gone.
  async killPostgres() {
    const killed = this.signalPostgres('SIGKILL');
    await eventually(() => {
      for (const pid of killed) if (isRunning(pid)) throw new Error(`PostgreSQL's process ${pid} does not end`);
    });
  }

  /// To every process of its private PostgreSQL; returns their ids.
  signalPostgres(signal) {
    const pids = postgresProcesses(this.dataDir);
    for (const pid of pids) {
      try { process.kill(pid, signal); } catch { /* it has just ended */ }
    }
    return pids;
  }
}

/// The postmaster by the folder it serves, its back ends by the cluster's name in their titles.
function postgresProcesses(dataDir) {
  const settings = readIfThere(path.join(dataDir, 'postgresql.conf'));
  const cluster = settings.match(/^cluster_name = '([^']+)'/m)?.[1];
  if (!cluster) return [];
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    const line = readIfThere(`/proc/${pid}/cmdline`);
    return line.startsWith(`postgres: ${cluster}: `) || line.includes(`\0-D\0${dataDir}/postgres\0`);
  });
}

/// A zombie has ended, though its parent has not looked yet.
const isRunning = (pid) => readIfThere(`/proc/${pid}/cmdline`) !== '';

function readIfThere(file) {
  try { return fs.readFileSync(file, 'utf8'); } catch { return ''; }
}
