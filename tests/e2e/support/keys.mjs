// `headwater keys` as an operator types it.
import { launch } from './child.mjs';
import { binary } from './headwater.mjs';

const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEADWATER_')));

/// Resolves to { code, out, err }.
export async function runKeys(args, env = {}) {
  let out = '';
  let err = '';
  const child = launch(binary, ['keys', ...args], {
    env: { ...environment(), ...env }, onStdout: (text) => { out += text; }, onStderr: (text) => { err += text; },
  });
  const { code } = await child.exited;
  return { code, out, err };
}

/// The secret of a new key; `where` is a server, or ['--database-url', url]. Rejects with what was complained of.
export async function createKey(where, name, ...args) {
  const { code, out, err } = await runKeys(['create', '--name', name, ...placeOf(where), ...args]);
  if (code !== 0) throw new Error(`keys create ended with ${code}: ${err}`);
  return out.trim();
}

export const placeOf = (where) => (Array.isArray(where) ? where : ['--data-dir', where.dataDir]);
export const bearer = (key) => ({ authorization: `Bearer ${key}` });
