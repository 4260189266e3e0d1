// Runs the examples of a page as they stand: each curl line by bash against a server, in one folder. Its status and every member
// that the page shows must be in the answer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeTempDir } from './temp_dir.mjs';

const run = promisify(execFile);

/// The commands of a page's block, with what must be answered: "#= 201 {…}" stands behind each.
export function examplesOf(page) {
  const text = fs.readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  const block = text.match(/<!-- tests\/e2e\/\w+\.test\.mjs runs this block -->\n```sh\n(.*?)\n```/s)[1];
  return [...block.matchAll(/^((?:curl|bash) [^]*?)\n#= (\d{3}) ?(.*)$/gm)].map(([, command, status, answer]) => ({ command, status, answer }));
}

/// A test for each example. `url` gives the server's address once it runs.
export function testExamples(examples, url) {
  const folder = makeTempDir();
  for (const { command, status, answer } of examples) {
    test(command.split('\n')[0], async () => {
      const got = await answerTo(command, url(), folder);
      assert.equal(got.status, status, got.body);
      const text = got.body.replaceAll('": ', '":');
      for (const member of shown(answer)) assert.ok(text.includes(member), `${member} is not in ${got.body}`);
    });
  }
}

/// Runs it as the shell would, and learns the status from curl itself. One that streams is ended by curl's own clock (exit code 28).
async function answerTo(command, url, folder) {
  const statusFile = path.join(folder, 'status');
  const isStream = command.includes('curl -N');
  const flags = `-sS -w '%{stderr}%{http_code}' --max-time ${isStream ? 2 : 20}`;
  const curl = `curl() { command curl ${flags} "$@" 2>'${statusFile}'; }; export -f curl; `;
  const here = curl + command.replaceAll('http://127.0.0.1:8080', url);
  const { stdout } = await run('bash', ['-c', here], { cwd: folder }).catch((error) => {
    if (error.code === 28 && isStream) return error;
    throw error;
  });
  return { body: stdout, status: fs.readFileSync(statusFile, 'utf8').slice(-3) };
}

/// The members and plain values that an example's answer shows, such as `"id":"1"`; values with … stand for any.
function shown(answer) {
  return [...answer.matchAll(/"(\w+)":("(?:[^"]*)"|\d+|true|false|null)?/g)]
    .map(([, name, value]) => (value === undefined || value.includes('…') ? `"${name}":` : `"${name}":${value}`));
}
