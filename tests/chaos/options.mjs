// The command line of ./dev chaos.
import { faultKinds } from './faults.mjs';

const table = {
  seed: { default: undefined, whole: [0, 2 ** 32 - 1] },
  seconds: { default: 60, whole: [1, 86_400] },
  nodes: { default: undefined, whole: [1, 3] },
  rate: { default: 250, whole: [1, 20_000] },
  senders: { default: 8, whole: [1, 200] },
  patience: { default: 180, whole: [1, 3600] },
  postgres: { default: undefined, words: ['own', 'private'] },
};

export const usage = `Usage: ./dev chaos [OPTION...]

Runs Headwater under load while things break, and afterwards compares what was promised with what came: an independent
ledger. Everything (PostgreSQL, RabbitMQ, receivers, 1 to 3 nodes) is started for the run on free ports and removed.

  --seconds N       load and faults for at least so long, and until every kind of fault has happened (default 60)
  --seed N          the same seed breaks the same things in the same order (default: a new one, printed)
  --nodes N         headwater processes over one PostgreSQL, 1 to 3 (default 2)
  --postgres WHICH  own: a PostgreSQL of the run's, behind a proxy (default); private: the one that a single node starts itself
  --faults LIST     only these kinds, separated by commas; a leading - leaves one out; none: load only
  --rate N          events a second, about (default 250)
  --senders N       clients that send at once (default 8)
  --patience N      seconds that recovery may take (default 180)
  --keep FOLDER     write the ledger and the logs of all servers there, also when nothing is wrong

Kinds of fault:
${faultKinds.map((kind) => `  ${kind.name.padEnd(17)} ${kind.help}`).join('\n')}

Rules: every accepted event is in the log, once, under the id that was answered; nothing is there that was never accepted (an
event whose outcome the sender never learned may be, once); every event of the log is in each of its streams or in that stream's
dead list; nothing else is; strict streams and the events of one subject come in order up to repeats; what is repeated fits the
crashes; webhooks are signed; live subscribers and feed readers miss nothing, in order, without repeats; all recovers by itself.

Exit code: 0 when every rule holds, 1 when one is broken or the run could not be made, 2 for bad options.
When a rule is broken, the ledger and the servers' logs are kept, and the folder is printed.

  ./dev chaos --seconds 30
  ./dev chaos --nodes 3 --seconds 300 --seed 7
  ./dev chaos --faults node-kill,rabbit-kill --rate 1000
`;

/// Returns { options }, { help: true } or { mistakes: [sentence] }.
export function readOptions(words) {
  const options = Object.fromEntries(Object.entries(table).map(([name, rule]) => [name, rule.default]));
  const mistakes = [];
  for (let i = 0; i < words.length; ++i) {
    if (words[i] === '--help' || words[i] === '-h') return { help: true };
    const [, name, joined] = words[i].match(/^--([a-z]+)(?:=(.*))?$/) ?? [];
    if (name !== 'faults' && name !== 'keep' && !(name in table)) {
      mistakes.push(`${words[i]}: there is no such option`);
      continue;
    }
    const value = joined ?? words[++i];
    if (value === undefined) mistakes.push(`--${name}: needs a value`);
    else if (name === 'faults') options.faults = readFaults(value, mistakes);
    else if (name === 'keep') options.keep = value;
    else options[name] = readValue(name, value, mistakes);
  }
  return mistakes.length > 0 ? { mistakes } : complete(options);
}

function readValue(name, value, mistakes) {
  const { whole, words } = table[name];
  if (words) {
    if (!words.includes(value)) mistakes.push(`--${name}: one of ${words.join(', ')}, not ${value}`);
    return value;
  }
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < whole[0] || number > whole[1]) {
    mistakes.push(`--${name}: a whole number from ${whole[0]} to ${whole[1]}, not ${value}`);
  }
  return number;
}

function readFaults(value, mistakes) {
  const names = value === 'none' ? [] : value.split(',');
  for (const name of names) {
    if (!faultKinds.some((kind) => kind.name === name.replace(/^-/, ''))) mistakes.push(`--faults: there is no kind ${name}`);
  }
  const left = names.filter((name) => !name.startsWith('-'));
  const without = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  if (names.length > 0 && left.length === 0) left.push(...faultKinds.map((kind) => kind.name));
  return left.filter((name) => !without.includes(name));
}

function complete(options) {
  const mistakes = [];
  options.postgres ??= 'own';
  options.nodes ??= options.postgres === 'private' ? 1 : 2;
  if (options.postgres === 'private' && options.nodes > 1) mistakes.push('--postgres private: serves one node only');
  const fits = (kind) => kind.fits?.(options) ?? true;
  for (const name of options.faults ?? []) {
    if (!fits(faultKinds.find((kind) => kind.name === name))) mistakes.push(`--faults ${name}: does not fit this topology`);
  }
  options.faults ??= faultKinds.filter(fits).map((kind) => kind.name);
  options.seed ??= Math.floor(Math.random() * 2 ** 32);
  return mistakes.length > 0 ? { mistakes } : { options };
}
