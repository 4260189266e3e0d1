// Folders of a test's own, which every user may enter; removed when the test's process ends. In memory where there is plenty, so
// that databases start quickly; TMPDIR puts them elsewhere.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const memory = '/dev/shm';
const plenty = 4 * 1024 ** 3;
const folders = [];

function parent() {
  if (process.env.TMPDIR || !fs.statfsSync || !fs.existsSync(memory)) return os.tmpdir();
  const space = fs.statfsSync(memory);
  return space.bavail * space.bsize >= plenty ? memory : os.tmpdir();
}

export function makeTempDir() {
  const folder = fs.mkdtempSync(path.join(parent(), 'hwt-'));
  fs.chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

/// Called by support/child.mjs once every process has been ended.
export function removeTempDirs() {
  for (const folder of folders.splice(0)) {
    try {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    } catch {
      // a leftover in the temporary folder is better than a failing test
    }
  }
}
