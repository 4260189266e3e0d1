// What is broken on purpose: each kind breaks, waits, mends.
import { setTimeout as wait } from 'node:timers/promises';

const own = ({ postgres }) => postgres === 'own';

/// `lane`: kinds of two lanes happen at the same time, those of one lane after another. `seconds`: how long it lasts. `run` gets the
/// world, a Random and the milliseconds; it returns { target, times }: what it hit, and how many connections it cut.
export const faultKinds = [
  {
    name: 'node-kill', help: 'kill -9 of a node; it is started again', lane: 'process', seconds: [0.1, 2],
    run: (world, random, ms) => node(world, random, async (hit) => { await hit.kill(); await wait(ms); await hit.start(); }),
  },
  {
    name: 'node-restart', help: 'SIGTERM of a node, which drains; it is started again', lane: 'process', seconds: [0.1, 1],
    run: (world, random, ms) => node(world, random, async (hit) => {
      const code = await hit.stop();
      if (code !== 0) world.ledger.unrecovered.push(`${hit.label} ended with ${code} after SIGTERM`);
      await wait(ms);
      await hit.start();
    }),
  },
  {
    name: 'node-stop', help: 'SIGSTOP of a node for longer than its lease, then SIGCONT', lane: 'process', seconds: [7, 9],
    run: (world, random, ms) => node(world, random, async (hit) => { hit.freeze(); await wait(ms); hit.thaw(); }),
  },
  {
    name: 'postgres-kill', help: 'kill -9 of PostgreSQL with all its processes', lane: 'process', seconds: [0.1, 3],
    run: async (world, random, ms) => {
      if (!world.postgres) return void await world.nodes[0].killPostgres();  // its node starts it again
      await world.postgres.kill();
      await wait(ms);
      await world.postgres.start();
    },
  },
  {
    name: 'postgres-stop', help: 'SIGSTOP of PostgreSQL, then SIGCONT', lane: 'process', seconds: [2, 5], fits: own,
    run: async (world, random, ms) => { world.postgres.freeze(); await wait(ms); world.postgres.thaw(); },
  },
  {
    name: 'rabbit-kill', help: 'kill -9 of RabbitMQ; it is started again', lane: 'process', seconds: [0.1, 2],
    run: async (world, random, ms) => { await world.rabbit.kill(); await wait(ms); await world.rabbit.restart(); },
  },
  {
    name: 'rabbit-alarm', help: 'RabbitMQ blocks publishers: a memory alarm', lane: 'process', seconds: [2, 5],
    run: async (world, random, ms) => { await world.rabbit.raiseAlarm(); await wait(ms); await world.rabbit.clearAlarm(); },
  },
  {
    name: 'cut-postgres', help: 'connections to PostgreSQL break in mid-answer', lane: 'network', seconds: [0.5, 1.5], fits: own,
    run: (world, random, ms) => cut(world.proxies.postgres, ms),
  },
  {
    name: 'cut-rabbit', help: 'connections to RabbitMQ break in mid-answer', lane: 'network', seconds: [0.5, 1.5],
    run: (world, random, ms) => cut(world.proxies.rabbit, ms),
  },
  {
    name: 'cut-webhook', help: 'a webhook\'s connections break in mid-answer', lane: 'network', seconds: [0.5, 1.5],
    run: async (world, random, ms) => {
      const hit = random.pick(world.webhooks);
      return { target: hit.name, ...await cut(hit.proxy, ms) };
    },
  },
  webhook('webhook-hang', 'a webhook does not answer', [2, 5], () => ({ way: 'hang' })),
  webhook('webhook-500', 'a webhook answers 500', [1, 4], () => ({ status: 500 })),
  webhook('webhook-reset', 'a webhook resets the connection instead of answering', [1, 4], () => ({ way: 'reset' })),
  webhook('webhook-endless', 'a webhook answers 200 and a body without end', [1, 3], () => ({ way: 'endless' })),
  webhook('webhook-429', 'a webhook answers 429 with Retry-After, as seconds or as a date', [1, 3], (random) => ({
    status: 429,
    headers: { 'retry-after': random.chance(0.5) ? '1' : new Date(Date.now() + 2000).toUTCString() },
  })),
  webhook('webhook-redirect', 'a webhook answers 302, which must not be followed', [1, 3], () => ({
    status: 302, headers: { location: '/elsewhere' },
  })),
];

/// Breaks things of one lane until `isOver()` and until every kind of `kinds` has happened; `note(text)` follows it.
export async function breakThings(world, random, kinds, isOver, note) {
  let bag = [];
  const missing = new Set(kinds);
  while (kinds.length > 0 && (missing.size > 0 || !isOver())) {
    if (bag.length === 0) bag = random.shuffle(kinds);
    const kind = bag.pop();
    await wait(random.between(300, 1200));
    const fault = { kind: kind.name, from: Date.now(), to: Infinity, target: '', times: 1 };
    world.ledger.faults.push(fault);
    note(`${kind.name} …`);
    Object.assign(fault, await kind.run(world, random, random.between(...kind.seconds) * 1000));
    fault.to = Date.now();
    note(`${kind.name} ${fault.target} over after ${((fault.to - fault.from) / 1000).toFixed(1)} s`);
    missing.delete(kind);
  }
}

async function node(world, random, act) {
  const hit = random.pick(world.nodes);
  await act(hit);
  return { target: hit.label };
}

async function cut(proxy, ms) {
  const times = proxy.cutInAnswers(ms);
  await wait(ms);
  return { times };
}

/// Either every request is answered so, or one in three.
function webhook(name, help, seconds, answer) {
  return {
    name, help, lane: 'network', seconds,
    run: async (world, random, ms) => {
      const hit = random.pick(world.webhooks);
      hit.misbehave(answer(random), random.chance(0.5) ? 1 : 1 / 3);
      await wait(ms);
      hit.behave();
      return { target: hit.name };
    },
  };
}
