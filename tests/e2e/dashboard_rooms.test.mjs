// Rooms and inboxes in the dashboard, in Chromium against the real server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPage, skip } from './support/browser.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson } from './support/http.mjs';

let server;
let browser;
let opened;
let page;
before(async () => {
  if (skip) return;
  [server, browser] = await Promise.all([startHeadwater(), launchBrowser()]);
  opened = await openPage(browser, server.url);
  ({ page } = opened);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (!skip) assert.deepEqual(opened.complaints, []);
});

const show = (hash) => page.goto(`${server.url}/${hash}`);
const seen = (text) => page.getByText(text).first().waitFor();
const press = (name) => page.getByRole('button', { name, exact: true }).click();

test('a namespace is made, listed, and an event published in one of its rooms is shown there', { skip }, async () => {
  await show('#/rooms');
  await seen('Rooms live in namespaces');
  await page.getByLabel('Namespace', { exact: true }).fill('tasks');
  await press('Open');
  await page.getByLabel('Address of its access service').fill('not an address');
  await press('Make this namespace');
  await page.locator('[aria-invalid]').waitFor();
  await page.getByLabel('Address of its access service').fill('http://127.0.0.1:9000');
  await press('Make this namespace');
  await press('Change');
  await show('#/rooms/tasks/42');
  await page.getByLabel('Event', { exact: true }).fill('task status changed');
  await page.getByLabel('Data', { exact: true }).fill('{"text":"<b>done</b>"}');
  await press('Publish');
  await page.locator('.event-preview').getByText('<b>done</b>').waitFor();
  const { body } = await getJson(`${server.url}/api/events/feed/day/current?types=room:tasks&subject=42`);
  assert.equal(body.events.length, 1);
  await show('#/rooms');
  await page.getByRole('row', { name: /tasks http:\/\/127\.0\.0\.1:9000/ }).waitFor();
});

test('an inbox shows its messages as they come, as text', { skip }, async () => {
  await show('#/inboxes/a42');
  await seen('connected');
  const send = (type, payload) => postJson(`${server.url}/api/events/send`, { type, payload });
  await send('service.create', { id: 'a42' });
  await send('monitor.user', { id: 'a42', messages: [{ body: 'Half <b>of it</b> is done', level: 'info' }] });
  await seen('Half <b>of it</b> is done');
});
