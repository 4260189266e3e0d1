// The README's examples work as they stand: each line is run by bash against a fresh server, its status and every member that
// the README shows must be in the answer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startHeadwater } from './support/headwater.mjs';

const run = promisify(execFile);
const readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const block = readme.match(/<!-- tests\/e2e\/readme\.test\.mjs runs this block -->\n```sh\n(.*?)\n```/s)[1];

/// Commands with what must be answered: "#= 201 {…}" stands behind each.
const examples = [...block.matchAll(/^(curl [^]*?)\n#= (\d{3}) (.*)$/gm)].map(([, command, status, answer]) => ({ command, status, answer }));

let server;
before(async () => { server = await startHeadwater(); });
after(async () => { await server?.stop(); });

/// Runs it as the shell would, and learns the status from curl itself. One that streams is ended by curl's own clock (exit code 28).
async function answerTo(command) {
  const here = command.replaceAll('http://127.0.0.1:8080', server.url).replace(/^curl/, String.raw`curl -sS -w '\n%{http_code}' --max-time ${streams(command) ? 2 : 20}`);
  const { stdout } = await run('bash', ['-c', here]).catch((error) => {
    if (error.code === 28 && streams(command)) return error;
    throw error;
  });
  const [, body, status] = stdout.match(/^(.*)\n(\d{3})$/s);
  return { body, status };
}

const streams = (command) => command.includes('curl -N');

/// The members and plain values that an example's answer shows, such as `"id":"1"`; values with … stand for any.
function shown(answer) {
  return [...answer.matchAll(/"(\w+)":("(?:[^"]*)"|\d+|true|false|null)?/g)]
    .map(([, name, value]) => (value === undefined || value.includes('…') ? `"${name}":` : `"${name}":${value}`));
}

test('the block has been found', () => assert.ok(examples.length >= 10, `${examples.length} examples`));

for (const { command, status, answer } of examples) {
  test(command.split('\n')[0], async () => {
    const got = await answerTo(command);
    assert.equal(got.status, status, got.body);
    const text = got.body.replaceAll('": ', '":');
    for (const member of shown(answer)) assert.ok(text.includes(member), `${member} is not in ${got.body}`);
  });
}
