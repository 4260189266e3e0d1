// Processes by their number, never by their name.
import fs from 'node:fs';

export function childrenOf(parent) {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent);
}

/// A zombie has ended, though its parent has not looked yet.
export function isRunning(pid) {
  const status = statusOf(pid);
  return status !== undefined && status.state !== 'Z';
}

export function signalAll(pids, signal) {
  for (const pid of pids) {
    try { process.kill(pid, signal); } catch { /* it has just ended */ }
  }
}

/// The fields after the program's name, which may hold anything.
function statusOf(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
