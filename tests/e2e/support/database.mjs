// The private PostgreSQL of a server, as others reach it.
import fs from 'node:fs';
import path from 'node:path';
import { launch } from './child.mjs';

const psql = '/usr/lib/postgresql/15/bin/psql';

function addressOf({ dataDir }) {
  const lines = fs.readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
  return { host: lines[4], port: lines[3] };
}

/// For --database-url of another node.
export function databaseOf(server) {
  const { host, port } = addressOf(server);
  return `postgresql://headwater@/headwater?host=${encodeURIComponent(host)}&port=${port}`;
}

/// Runs statements in a session of their own; resolves to what they returned, a line a row.
export async function runSql(server, statements) {
  const { host, port } = addressOf(server);
  let out = '';
  let complaints = '';
  const child = launch(psql, ['-h', host, '-p', port, '-U', 'headwater', '-d', 'headwater', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
    ...statements.flatMap((statement) => ['-c', statement])],
  { onStdout: (text) => { out += text; }, onStderr: (text) => { complaints += text; } });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`psql ended with ${code}: ${complaints}`);
  return out.trim().split('\n');
}
