// Requests that the run itself depends on: repeated while the server is away.
import { setTimeout as wait } from 'node:timers/promises';
import { getJson, putJson } from '../e2e/support/http.mjs';

const patience = 60_000;

/// Resolves to the body of a 2xx answer; rejects on any other answer but 503, and when patience has ended.
async function insist(what, request) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await request().catch((error) => ({ status: 503, text: error.message }));
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    if (answer.status !== 503 || Date.now() > deadline) throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
    await wait(200);
  }
}

export const mustPut = (url, body) => insist(`PUT ${url}`, () => putJson(url, body));
export const mustGet = (url) => insist(`GET ${url}`, () => getJson(url));
