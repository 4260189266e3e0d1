// Notes when this process itself did not run for a while (a busy or suspended machine): what came late then is not the server's doing.

const period = 100;
const tolerance = 1500;

export function watchForStalls(ledger) {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > period + tolerance) {
      ledger.faults.push({ kind: 'harness-stall', target: 'the run itself', from: last, to: now, times: 1 });
    }
    last = now;
  }, period);
  return { end: () => clearInterval(timer) };
}
