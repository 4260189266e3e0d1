// The programs of docs/clients, as they stand, run by the runtime of their language.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';
import { binary } from './headwater.mjs';
import { makeTempDir } from './temp_dir.mjs';

const docs = fileURLToPath(new URL('../../../docs/clients/', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

/// Name to text, of every block that says who runs it.
export function programs() {
  const found = new Map();
  for (const page of fs.readdirSync(docs).filter((name) => name.endsWith('.md'))) {
    const text = fs.readFileSync(path.join(docs, page), 'utf8');
    for (const [, name, code] of text.matchAll(/<!-- tests\/e2e\/clients\.test\.mjs runs this as (\S+) -->\n```\w+\n([^]*?)\n```/g)) {
      found.set(name, code + '\n');
    }
  }
  return found;
}

const runners = {
  '.sh': ['bash'], '.mjs': [process.execPath], '.py': ['/usr/bin/python3'], '.go': ['go', 'run'], '.java': ['java'],
};

/// Undefined when it can run here; else why not.
export function whyNot(name) {
  const extension = path.extname(name);
  const [program] = runners[extension];
  try {
    execFileSync(program, extension === '.go' ? ['version'] : ['--version'], { stdio: 'ignore' });
    if (extension === '.java') execFileSync('java', ['--describe-module', 'jdk.compiler'], { stdio: 'ignore' });
  } catch {
    return `${extension.slice(1)} cannot run on this machine`;
  }
  return undefined;
}

/// Starts one; its folder has the npm packages of the tests, and `headwater` is on its path. Resolves to { stdout(), exited, stop() }.
export function startProgram(name, code, env) {
  const folder = makeTempDir();
  fs.writeFileSync(path.join(folder, name), code);
  fs.symlinkSync(modules, path.join(folder, 'node_modules'));
  fs.symlinkSync(binary, path.join(folder, 'headwater'));
  const [program, ...args] = runners[path.extname(name)];
  // In a process group of its own: go and java start others.
  const child = spawn(program, [...args, path.join(folder, name)], {
    cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, PYTHONUNBUFFERED: '1', GOCACHE: path.join(folder, 'go'), GOFLAGS: '-mod=mod', ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const stop = () => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ } };
  process.once('exit', stop);
  return {
    exited, stop,
    prints: (pattern, patience = 90_000) => eventually(() => {
      if (!pattern.test(stdout)) throw new Error(`${name} has not printed ${pattern}: ${stdout}\n${stderr}`);
    }, patience),
  };
}
