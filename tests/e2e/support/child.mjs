// Child programs that cannot outlive the test: the kernel kills them when its process dies, however it dies.
import { spawn } from 'node:child_process';
import { removeTempDirs } from './temp_dir.mjs';

const children = new Set();
const atExit = [];

/// Runs a program, as another user when we are root and one is named. Returns { pid, exited, hasExited(), kill(signal) }; `exited`
/// resolves to { code, signal }. The test's process does not wait for the end of one in the background.
export function launch(program, args, { env = process.env, cwd = '/', user, onStdout, onStderr, inBackground = false } = {}) {
  const become = user && process.getuid() === 0 ? [`--reuid=${user}`, `--regid=${user}`, '--init-groups'] : [];
  const child = spawn('/usr/bin/setpriv', [...become, '--pdeathsig=KILL', '--', program, ...args], {
    env, cwd, stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  child.stdout.setEncoding('utf8').on('data', onStdout ?? (() => {}));
  child.stderr.setEncoding('utf8').on('data', onStderr ?? (() => {}));
  if (inBackground) {
    for (const handle of [child, child.stdout, child.stderr]) handle.unref();
  }
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  exited.catch(() => {});
  return {
    pid: child.pid,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    kill: (signal) => child.kill(signal),
  };
}

/// Resolves to the same, or to undefined after the time.
export function within(milliseconds, promise) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// SIGTERM, and SIGKILL to one that does not listen; resolves to the exit code, null after a signal.
export async function stopChild(child, patience) {
  if (!child.hasExited()) child.kill('SIGTERM');
  let end = await within(patience, child.exited);
  if (!end) {
    child.kill('SIGKILL');
    end = await child.exited;
  }
  return end.code;
}

/// For what has to be ended when the test's process ends; must be synchronous.
export function whenTestEnds(action) { atExit.push(action); }

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const action of atExit) action();
  removeTempDirs();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => process.exit(1));
