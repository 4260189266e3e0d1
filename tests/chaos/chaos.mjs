// ./dev chaos: Headwater under load while things break, and a ledger that says whether its promises held. See options.mjs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { breakThings, faultKinds } from './faults.mjs';
import { Ledger } from './ledger.mjs';
import { readOptions, usage } from './options.mjs';
import { Random } from './random.mjs';
import { audit, recover } from './recovery.mjs';
import { types } from './registrations.mjs';
import { Progress, printReport } from './report.mjs';
import { judge } from './rules.mjs';
import { SenderFleet } from './sender.mjs';
import { watchForStalls } from './stalls.mjs';
import { World } from './world.mjs';

const { options, help, mistakes } = readOptions(process.argv.slice(2));
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (mistakes) {
  for (const mistake of mistakes) process.stderr.write(`chaos: ${mistake}\n`);
  process.stderr.write('chaos: --help lists the options\n');
  process.exit(2);
}

try {
  process.exit(await run() ? 0 : 1);
} catch (error) {
  process.stderr.write(`chaos: ${error.stack}\n`);
  process.exit(1);
}

/// Returns whether every rule holds. What it starts ends with this process, however that ends.
async function run() {
  process.stdout.write(`chaos: seed ${options.seed}, ${options.nodes} node${options.nodes > 1 ? 's' : ''}, `
    + `PostgreSQL ${options.postgres}, ${options.rate} events/s, ${options.seconds} s\n`);
  const ledger = new Ledger();
  const progress = new Progress(ledger);
  const world = new World(options, ledger, new Random(options.seed, 'world'));
  await world.start();
  const stalls = watchForStalls(ledger);
  const loadSeconds = await load(world, progress);
  const recoverySeconds = await recover(world, options.patience, (text) => progress.note(text));
  await world.closeReaders();
  stalls.end();
  await audit(world);
  await world.stopNodes();
  progress.end();
  const verdicts = judge(ledger);
  printReport(ledger, verdicts, { loadSeconds, recoverySeconds });
  const allHold = verdicts.every(({ broken }) => broken.length === 0);
  if (!allHold || options.keep) keep(world);
  process.stdout.write(allHold ? '\nEvery rule holds.\n' : `\nA rule is broken. Again with: ./dev chaos ${again()}\n`);
  return allHold;
}

/// Load and faults; the late stream is registered halfway. Returns the seconds it took.
async function load(world, progress) {
  const random = (lane) => new Random(options.seed, lane);
  const note = (text) => progress.note(text);
  const fleet = new SenderFleet({ ledger: world.ledger, nodes: world.nodes, types, rate: options.rate, random: random('sender') });
  const begin = Date.now();
  const isOver = () => Date.now() - begin > options.seconds * 1000;
  fleet.start(options.senders);
  note('load');
  const lane = (name) => {
    const kinds = faultKinds.filter((kind) => kind.lane === name && options.faults.includes(kind.name));
    return breakThings(world, random(name), kinds, isOver, note);
  };
  const late = wait(options.seconds * 500).then(() => world.addLateStream());
  await Promise.all([lane('process'), lane('network'), late, wait(options.seconds * 1000)]);
  await fleet.stop();
  return (Date.now() - begin) / 1000;
}

/// The ledger and the servers' logs, for whoever looks for the cause.
function keep(world) {
  const folder = options.keep ?? path.join(os.tmpdir(), `headwater-chaos-${options.seed}-${process.pid}`);
  fs.mkdirSync(folder, { recursive: true });
  const ledger = { ...world.ledger, sends: [...world.ledger.sends.values()] };
  fs.writeFileSync(path.join(folder, 'ledger.json'), JSON.stringify(ledger));
  for (const [name, text] of Object.entries(world.logs())) fs.writeFileSync(path.join(folder, `${name}.log`), text);
  process.stdout.write(`\nThe ledger and the logs are in ${folder}\n`);
}

function again() {
  return process.argv.slice(2).join(' ').includes('--seed') ? process.argv.slice(2).join(' ')
    : [...process.argv.slice(2), `--seed ${options.seed}`].join(' ');
}
