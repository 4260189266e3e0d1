// A mail server (aiosmtpd) that fails as it is told; tests/support/smtp_server.py says how.
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';
import { launch, stopChild } from './child.mjs';

const script = fileURLToPath(new URL('../../support/smtp_server.py', import.meta.url));

/// Resolves to { url, mails(), order(object), stop() }.
export async function startMail() {
  let said = '';
  let complained = '';
  const child = launch('/usr/bin/python3', [script], {
    onStdout: (text) => { said += text; },
    onStderr: (text) => { complained += text; },
  });
  const [, port, control] = await eventually(() => {
    const ready = said.match(/^smtp (\d+) control (\d+)$/m);
    if (!ready) throw new Error(`the mail server is not ready: ${complained}`);
    return ready;
  });
  const order = (what) => tell(Number(control), what);
  return {
    url: `smtp://127.0.0.1:${port}`,
    order,
    mails: async () => (await order({ do: 'mails' })).mails,
    stop: () => stopChild(child, 5_000),
  };
}

function tell(port, what) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${JSON.stringify(what)}\n`));
    socket.setEncoding('utf8').on('data', (text) => { answer += text; });
    socket.once('error', reject).once('end', () => resolve(JSON.parse(answer)));
  });
}
