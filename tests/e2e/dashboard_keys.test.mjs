// The dashboard while keys are on, in Chromium against the real server: signing in and out, narrow keys, and a key that ends.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launchBrowser, openPage, skip } from './support/browser.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson } from './support/http.mjs';
import { bearer, createKey, placeOf, runKeys } from './support/keys.mjs';

const secrets = [];
let server;
let browser;
let admin;
let opened;
let page;
let addresses;
let sockets;
before(async () => {
  if (skip) return;
  [server, browser] = await Promise.all([startHeadwater({ args: ['--log-level', 'debug'] }), launchBrowser()]);
  admin = await make('operator', '--scope', 'admin');
  for (const type of ['shop:order', 'bank:transfer']) {
    await putJson(api('/events/register'), { type, streams: [{ source: 'webhook', uri: 'http://127.0.0.1:9/', name: type.split(':')[0] }] }, bearer(admin));
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  if (skip) return;
  opened = await openPage(browser, server.url);
  ({ page } = opened);
  addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  sockets = [];
  page.on('websocket', (socket) => { addresses.push(socket.url()); sockets.push(socket); });
});
afterEach(async () => {
  if (skip) return;
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  const tokens = kept.match(/hws_[\w.-]+/g) ?? [];
  for (const secret of secrets) assert.ok(!kept.includes(secret), 'the key itself is not kept');
  for (const secret of [...secrets, ...tokens]) {
    assert.ok(!addresses.some((address) => address.includes(secret)), 'no address has a key or a token in it');
    assert.ok(!server.stderr.includes(secret), 'no key and no token stands in the log');
  }
  await opened.close();
  assert.deepEqual(opened.complaints, []);
});

const api = (path) => `${server.url}/api${path}`;
const untilKnown = (key) => eventually(async () => {
  assert.equal((await getJson(api('/events'))).status, 401);
  assert.notEqual((await getJson(api('/events'), bearer(key))).status, 401);
});
async function make(name, ...args) {
  const key = await createKey(server, name, ...args);
  secrets.push(key);
  await untilKnown(key);
  return key;
}
const revoke = async (name) => assert.equal((await runKeys(['revoke', name, ...placeOf(server)])).code, 0);
const send = (type, payload) => postJson(api('/events/send'), { type, payload }, bearer(admin));
const show = (hash) => page.goto(`${server.url}/${hash}`);
const seen = (text) => page.getByText(text).first().waitFor();
const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const dialog = (name = 'A key is needed') => page.getByRole('dialog', { name });
async function signIn(key, title) {
  await dialog(title).waitFor();
  await page.getByLabel('Key', { exact: true }).fill(key);
  await press('Use this key');
}
/// Nothing goes to the API from now on, though the pages would poll.
async function untilQuiet() {
  await page.waitForLoadState('networkidle');
  const asked = addresses.filter((address) => address.includes('/api/')).length;
  return () => assert.equal(addresses.filter((address) => address.includes('/api/')).length, asked);
}

test('a wrong key is told of, a good one opens the page, a reload keeps it, and signing out puts everything away', { skip }, async () => {
  await show('#/');
  await signIn('hw_wrong');
  await seen('This key opens nothing: it is unknown, was revoked or has expired.');
  assert.equal(await page.getByLabel('Key', { exact: true }).evaluate((field) => document.activeElement === field && field.value), '');
  await signIn(admin);
  await page.getByRole('heading', { name: /Nothing is stuck|need(s)? you|worth a look/ }).waitFor();
  await seen('Events in');
  await page.getByRole('banner').getByText('operator').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: /Nothing is stuck|need(s)? you|worth a look/ }).waitFor();
  assert.equal(await dialog().isVisible(), false);
  const copy = await page.context().newPage();
  await copy.goto(server.url);
  await copy.getByRole('dialog', { name: 'A key is needed' }).waitFor();
  await copy.close();

  await show('#/live');
  await seen('connected');
  await press('Sign out');
  await heading('You are signed out');
  await eventually(() => assert.ok(sockets.length > 0 && sockets.every((socket) => socket.isClosed())));
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  const isQuiet = await untilQuiet();
  await show('#/streams');
  await heading('You are signed out');
  isQuiet();
  await press('Sign in with a key');
  await press('Not now');
  await heading('You are signed out');
  await press('Sign in with a key');
  await signIn(admin);
  await heading('Streams');
});

test('the form can be put off; then the page says so and asks the server nothing', { skip }, async () => {
  await show('#/monitors');
  await dialog().waitFor();
  await page.keyboard.press('Escape');
  await heading('A key is needed');
  const isQuiet = await untilQuiet();
  await show('#/types');
  await heading('A key is needed');
  isQuiet();
  await press('Use a key');
  await signIn(admin);
  await heading('Event types');
});

test('a key that is revoked ends the live tail, which says so; another one goes on where it was', { skip }, async () => {
  const key = await make('watcher', '--scope', 'read');
  await show('#/live?types=shop:*');
  await signIn(key);
  await seen('connected');
  await send('shop:order', 'first');
  await eventually(async () => assert.equal(await page.locator('.event').count(), 1));
  await revoke('watcher');
  await dialog('Your key is no longer good').waitFor({ timeout: 10_000 });
  await seen('The key of this tab was revoked or replaced, or it has expired.');
  await send('shop:order', 'second');
  await signIn(admin, 'Your key is no longer good');
  await seen('Resumed: nothing is missing.');
  await eventually(async () => assert.deepEqual(await page.locator('.event-preview').allTextContents(), ['"second"', '"first"']));
  await page.getByRole('banner').getByText('operator').waitFor();
});

test('a key that ends while a form is open: what was typed stays, and is sent with the next one', { skip }, async () => {
  const key = await make('author', '--scope', 'register');
  await show('#/types/new');
  await page.getByLabel('Type', { exact: true }).fill('kept:typed');
  await press('Register');
  await signIn(key);
  await heading('kept:typed');
  await show('#/streams');
  await heading('Streams');
  await show('#/types/new');
  await page.getByLabel('Type', { exact: true }).fill('kept:again');
  await revoke('author');
  await eventually(async () => assert.equal((await getJson(api('/events/register'), bearer(key))).status, 401));
  await press('Register');
  await signIn(admin, 'Your key is no longer good');
  await heading('kept:again');
  assert.equal((await getJson(api('/events/register/kept:again'), bearer(admin))).status, 200);
});

test('once the hour of its token is over the page asks for the key again', { skip }, async () => {
  await page.addInitScript(() => {
    const { now } = Date;
    window.later = 0;
    Date.now = () => now() + window.later;
    sessionStorage.setItem('headwater.token', JSON.stringify({ token: 'hws_1.1.old', expires_at: new Date(now() + 3_600_000).toISOString() }));
  });
  await show('#/types/new');
  await page.getByLabel('Type', { exact: true }).fill('kept:over');
  await page.evaluate(() => { window.later = 4_000_000; });
  await press('Register');
  await dialog('Sign in again').getByText('A key opens this page for an hour, and the hour is over.').waitFor();
  await signIn(admin, 'Sign in again');
  await heading('kept:over');
  assert.equal(await page.evaluate(() => JSON.parse(sessionStorage.getItem('headwater.token')).key), 'operator');
});

test('a key that ends is told of on every page', { skip }, async () => {
  const key = await make('short', '--scope', 'admin');
  const { body } = await postJson(`${server.url}/sessions`, { key });
  const { page: first } = opened;
  await first.context().addInitScript((session) => sessionStorage.setItem('headwater.token', session), JSON.stringify(body));
  const hashes = ['#/', '#/feeds', '#/streams', '#/streams/1', '#/types', '#/monitors', '#/rooms', '#/inboxes/a1'];
  const tabs = await Promise.all(hashes.map(async (hash) => {
    const tab = await first.context().newPage();
    await tab.goto(`${server.url}/${hash}`);
    await tab.getByRole('banner').getByText('short').waitFor();
    return tab;
  }));
  await first.goto(`${server.url}/`);
  await revoke('short');
  for (const [i, tab] of tabs.entries()) {
    await tab.bringToFront();
    await tab.getByRole('dialog', { name: 'Your key is no longer good' }).waitFor().catch((error) => { throw new Error(`${hashes[i]}: ${error.message}`); });
    await tab.close();
  }
});

test('a key that may only read some types sees these, and is told what it does not see', { skip }, async () => {
  const key = await make('reports', '--scope', 'read', '--types', 'shop:**');
  await send('bank:transfer', 'not for it');
  const { body: { id } } = await send('shop:order', 'for it');
  await show('#/');
  await signIn(key);
  await page.getByRole('heading', { name: 'The server is ready.' }).waitFor();
  await seen('Your key does not show streams and event types (register), monitors (monitors) and figures (admin).');
  for (const [hash, scope] of [['#/streams', 'register'], ['#/streams/1', 'register'], ['#/types/new', 'register'], ['#/monitors', 'monitors'], ['#/rooms', 'rooms']]) {
    await show(hash);
    await page.getByRole('heading', { name: `Your key does not allow “${scope}”` }).waitFor();
    assert.equal(await page.locator('main .failure, main form').count(), 0, hash);
  }
  await press('Use another key');
  await press('Not now');
  await page.getByRole('heading', { name: 'Your key does not allow “rooms”' }).waitFor();
  await show('#/feeds?at=/api/events/feed/day/current');
  await page.locator('.event-preview').getByText('"for it"').waitFor();
  assert.equal(await page.getByText('bank:transfer').count(), 0);
  await page.getByLabel('Client', { exact: true }).fill('billing');
  await press('Show');
  await page.locator('.event-preview').getByText('"for it"').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Mark processed' }).count(), 0, 'it may not acknowledge');
  await show('#/live');
  await seen('connected');
  await send('bank:transfer', 'not for it');
  await send('shop:order', 'live');
  await eventually(async () => assert.deepEqual(await page.locator('.event-preview').allTextContents(), ['"live"']));
  await show(`#/events/${id}`);
  await seen('Where it went');
  assert.equal(await page.getByRole('button', { name: 'Retry' }).count(), 0);
  await show('#/inboxes/a42');
  await seen('The key does not allow this.');
});

test('a key for some streams may work on these, and on nothing else', { skip }, async () => {
  const key = await make('desk', '--scope', 'register', '--types', 'shop:**');
  await show('#/streams');
  await signIn(key);
  await page.getByRole('link', { name: 'shop:order → shop' }).waitFor();
  assert.equal(await page.getByText('bank:transfer').count(), 0);
  await show('#/');
  await seen('It allows: register of shop:**.');
  await show('#/types/shop:order');
  await seen('Your key does not allow sending events of this type.');
  assert.equal(await page.getByRole('link', { name: 'Watch live' }).count(), 0);
  await show('#/streams/new');
  await page.getByLabel('Name', { exact: true }).fill('all');
  await page.getByLabel('Types', { exact: true }).fill('**');
  await page.getByLabel('Address').fill('http://127.0.0.1:9/');
  await press('Make the stream');
  await seen('This key does not allow streams of all these types.');
});
