// Runs the examples of a document as they stand: each curl line by bash against a server, its status and every member that the
// document shows must be in the answer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { eventually } from './eventually.mjs';

const run = promisify(execFile);

/// Commands with what must be answered, "#= 201 {…}" behind each, of the block that names the test which runs it.
export function examplesIn(file, testName) {
  const text = fs.readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  const block = text.split(`<!-- tests/e2e/${testName} runs this block -->\n\`\`\`sh\n`)[1].split('\n```')[0];
  return [...block.matchAll(/^(curl [^]*?)\n#= (\d{3}) (.*)$/gm)].map(([, command, status, answer]) => ({ command, status, answer }));
}

/// Runs one example; `addresses` are pairs of what the document says and what it is here. A question is asked until the answer is
/// right, for the patience given: what it asks for may still be under way.
export async function check({ command, status, answer }, addresses, patience = 0) {
  const here = addresses.reduce((line, [from, to]) => line.replaceAll(from, to), command);
  await eventually(async () => {
    const got = await answerTo(here);
    assert.equal(got.status, status, got.body);
    const body = got.body.replaceAll('": ', '":');
    for (const member of shown(answer)) assert.ok(body.includes(member), `${member} is not in ${got.body}`);
  }, isQuestion(command) ? patience : 0);
}

const isQuestion = (command) => !/ -X | -d /.test(command);
const streams = (command) => command.includes('curl -N');

/// Runs it as the shell would, and learns the status from curl itself. One that streams is ended by curl's own clock (exit code 28).
async function answerTo(command) {
  const line = command.replace(/^curl/, String.raw`curl -sS -w '\n%{http_code}' --max-time ${streams(command) ? 2 : 20}`);
  const { stdout } = await run('bash', ['-c', line]).catch((error) => {
    if (error.code === 28 && streams(command)) return error;
    throw error;
  });
  const [, body, status] = stdout.match(/^(.*)\n(\d{3})$/s);
  return { body, status };
}

/// The members and plain values that an example's answer shows, such as `"id":"1"`; values with … stand for any.
function shown(answer) {
  return [...answer.matchAll(/"(\w+)":("(?:[^"]*)"|\d+|true|false|null)?/g)]
    .map(([, name, value]) => (value === undefined || value.includes('…') ? `"${name}":` : `"${name}":${value}`));
}
