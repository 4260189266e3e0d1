// The command line as people and scripts use it: HEADWATER_BINARY, with or without a terminal.
import { spawn } from 'node:child_process';
import { binary } from './headwater.mjs';
import { eventually } from './eventually.mjs';

/// Our environment without what would change the commands' options.
const environment = (env) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEADWATER_') && name !== 'NO_COLOR')), ...env,
});

/// A running command: stdout and stderr as far as they have come; `exited` resolves to { code, signal, stdout, stderr }.
class Running {
  stdout = '';
  stderr = '';
  constructor(child) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text) => { this.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { this.stderr += text; });
    child.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }));
    });
    process.once('exit', () => child.kill('SIGKILL'));
  }

  write(text) { this.child.stdin.write(text); }
  end(text = '') { this.child.stdin.end(text); }
  signal(name) { this.child.kill(name); }
  /// Resolves once standard output matches.
  async prints(pattern, patience = 20_000) {
    await eventually(() => {
      if (!pattern.test(this.stdout)) throw new Error(`no ${pattern} in: ${this.stdout}\n${this.stderr}`);
    }, patience);
  }
}

/// Starts `headwater ARGS` with pipes; standard input stays open.
export const start = (args, { env = {}, cwd } = {}) =>
  new Running(spawn(binary, args, { env: environment(env), cwd, stdio: ['pipe', 'pipe', 'pipe'] }));

/// Runs it to its end, with this on standard input.
export function headwater(args, { input = '', ...options } = {}) {
  const running = start(args, options);
  running.end(input);
  return running.exited;
}

/// Starts it on a terminal of its own (script(1)); what it writes to standard output and error comes as stdout.
export function startOnTerminal(args, { env = {}, cwd } = {}) {
  const line = [binary, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return new Running(spawn('script', ['-qefc', line, '/dev/null'],
    { env: environment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }), cwd, stdio: ['pipe', 'pipe', 'pipe'] }));
}

/// The lines of NDJSON.
export const jsonLines = (text) => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
