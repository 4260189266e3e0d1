// The dashboard in Chromium against the real server: what an operator sees and does.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { launchBrowser, openPage, skip } from './support/browser.mjs';
import { eventually } from './support/eventually.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { getJson, postJson, putJson, request } from './support/http.mjs';
import { startReceiver } from './support/receiver.mjs';

let server;
let browser;
let receiver;
let opened;
let page;
before(async () => {
  if (skip) return;
  [server, browser, receiver] = await Promise.all([startHeadwater(), launchBrowser(), startReceiver()]);
});
after(async () => {
  await browser?.close();
  await receiver?.stop();
  await server?.stop();
});
beforeEach(async () => {
  if (skip) return;
  opened = await openPage(browser, server.url);
  ({ page } = opened);
});
afterEach(async () => {
  if (skip) return;
  await opened.close();
  assert.deepEqual(opened.complaints, []);
});

const api = (path) => `${server.url}/api${path}`;
const send = async (type, payload, more = {}) => (await postJson(api('/events/send'), { type, payload, ...more })).body.id;
const show = (hash) => page.goto(`${server.url}/${hash}`);
const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const seen = (text) => page.getByText(text).first().waitFor();
const button = (name) => page.getByRole('button', { name, exact: true });
const press = (name) => button(name).click();

async function register(type, streams = []) {
  const answer = await putJson(api('/events/register'), { type, streams });
  assert.ok(answer.status < 300, answer.text);
  return answer.body.streams;
}
const webhook = (more = {}) => ({ source: 'webhook', uri: receiver.url, ...more });

test('an empty server says that nothing is stuck, and what to type', { skip }, async () => {
  await show('#/');
  await page.getByRole('heading', { name: 'Nothing is stuck.' }).waitFor();
  await seen(/curl -X PUT .*\/api\/events\/register/);
  assert.equal(await page.title(), 'Overview · Headwater');
});

test('a type is registered by the form; mistakes stand at their fields, the secret is shown once', { skip }, async () => {
  await show('#/types/new');
  await page.getByLabel('Type', { exact: true }).fill('not a type');
  await press('Add a stream');
  await page.getByLabel('Address').fill('ftp://example.org/');
  await press('Register');
  const type = page.getByLabel('Type', { exact: true });
  await page.locator('[aria-invalid]').first().waitFor();
  assert.equal(await type.getAttribute('aria-invalid'), 'true');
  assert.ok(await type.evaluate((field) => document.activeElement === field), 'the first mistake has the focus');
  await type.fill('form:made');
  await press('Register');
  await page.getByLabel('Address').and(page.locator('[aria-invalid]')).waitFor();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByLabel('Kept for').fill('24days');
  await press('Register');
  await seen(/^whsec_/);
  const { body } = await getJson(api('/events/register/form:made'));
  assert.deepEqual([body.ttl, body.streams[0].uri], ['24days', receiver.url]);
  await page.getByRole('link', { name: 'To the type' }).click();
  await heading('form:made');
  await page.getByLabel('Payload', { exact: true }).fill('{"big": 12345678901234567890}');
  await press('Send');
  await seen(/Stored as event/);
  const feed = await request(api('/events/feed/day/current?types=form:made'));
  assert.ok(feed.text.includes('"payload":{"big": 12345678901234567890}'), 'it went out as it was typed');
});

test('live events come, pause and go on; a payload of markup stays text', { skip }, async () => {
  await register('live:a');
  await show('#/live?types=live:*');
  await seen('connected');
  const nasty = { html: '<img src=x onerror="document.title=\'owned\'"><script>alert(1)</script>' };
  await send('live:a', nasty, { subject: '<b>bold</b>' });
  await page.getByRole('button', { name: /live:a/ }).first().click();
  await seen(/"<img src=x onerror=/);
  assert.equal(await page.locator('main img, main script, main b:has-text("bold")').count(), 0);
  assert.notEqual(await page.title(), 'owned');
  await press('Pause');
  for (let i = 0; i < 5; i += 1) await send('live:a', i);
  await seen(/Paused: 5 came meanwhile/);
  assert.equal(await page.locator('.event').count(), 1);
  await press('Go on');
  await eventually(async () => assert.equal(await page.locator('.event').count(), 6));
});

test('a lost live connection resumes behind the last event, with nothing lost and nothing twice', { skip }, async () => {
  await register('live:b');
  await show('#/live?types=live:b');
  await seen('connected');
  await send('live:b', 'first');
  await eventually(async () => assert.equal(await page.locator('.event').count(), 1));
  const { dataDir, url } = server;
  await server.stop();
  server = await startHeadwater({ dataDir, listen: new URL(url).host });
  await send('live:b', 'second');
  await seen(/Resumed: nothing is missing/);
  await eventually(async () => assert.equal(await page.locator('.event').count(), 2));
  const previews = await page.locator('.event-preview').allTextContents();
  assert.deepEqual(previews, ['"second"', '"first"']);
});

test('the feed is walked by the links, with types and as a client that marks what it has processed', { skip }, async () => {
  await register('feed:a');
  await register('feed:b');
  for (let i = 0; i < 12; i += 1) await send('feed:a', i);
  await send('feed:b', 'other');
  await show('#/feeds');
  await page.getByLabel('Types', { exact: true }).fill('feed:a');
  await page.getByLabel('Slice', { exact: true }).selectOption('day');
  await page.getByLabel('A page', { exact: true }).selectOption('10');
  await press('Show');
  await seen('10 events on this page');
  await page.getByRole('link', { name: 'More of this slice' }).click();
  await seen('2 events on this page');
  assert.match(page.url(), /types%3Dfeed%253Aa|types%3Dfeed%3Aa/, 'the address can be bookmarked');
  await page.reload();
  await seen('2 events on this page');
  await page.getByRole('navigation', { name: 'Slices' }).getByRole('link', { name: 'Current' }).click();
  await page.getByLabel('Client', { exact: true }).fill('billing');
  await press('Show');
  await seen('10 events on this page');
  const newest = await page.locator('.event-preview').first().textContent();
  await page.getByRole('button', { name: 'Mark processed' }).first().click();
  await eventually(async () => assert.notEqual(await page.locator('.event-preview').first().textContent(), newest));
  const left = (await getJson(api('/events/feed/day/current/client/billing?types=feed:a'))).body.events.length;
  assert.equal(left, 11);
});

test('a refused event is dead, says why, and is delivered when it is retried', { skip }, async () => {
  receiver.answerWith({ status: 500, body: 'out of order' });
  const [stream] = await register('dead:a', [webhook({ name: 'shop', retries: ['1s'] })]);
  const id = await send('dead:a', { order: 7 });
  await eventually(async () => assert.equal((await getJson(api(`/streams/${stream.id}`))).body.dead, 1));
  await show('#/');
  await seen(/need(s)? you\./);
  await seen('1 event was given up.');
  await page.getByRole('link', { name: 'dead:a → shop' }).first().click();
  await heading('dead:a → shop');
  await seen('The webhook answered HTTP 500.');
  await page.getByRole('link', { name: id, exact: true }).click();
  await heading(`Event ${id}`);
  await seen('2 failed');
  receiver.answerWith(200);
  await press('Retry');
  await seen('It is due now.');
  await page.getByRole('cell', { name: 'delivered' }).waitFor();
  await page.getByRole('link', { name: 'shop' }).click();
  await seen('No dead events');
  await page.getByRole('link', { name: 'Attempts' }).click();
  await page.locator('summary').first().click();
  await seen('out of order');
});

test('a stream is paused and resumed, tested, and its secret rotated after a question', { skip }, async () => {
  receiver.answerWith(200);
  const [stream] = await register('work:a', [webhook({ name: 'desk' })]);
  await show(`#/streams/${stream.id}`);
  await press('Pause');
  await seen('Nothing is sent until somebody resumes it; what comes meanwhile waits.');
  await send('work:a', 1);
  await show('#/');
  await seen('Somebody paused it.');
  await show(`#/streams/${stream.id}`);
  await press('Resume');
  await eventually(() => assert.ok(receiver.requests.some(({ body }) => body.includes('"work:a"'))));
  await press('Test');
  await seen(/The destination took it/);
  await press('Rotate secret');
  await press('No');
  assert.equal(await page.locator('.secret').count(), 0);
  await press('Rotate secret');
  await press('Yes, do it');
  await page.locator('.secret').getByText(/^whsec_/).waitFor();
});

test('a replay shows how far it is, and is cancelled', { skip }, async () => {
  receiver.answerWith(200);
  const [stream] = await register('replay:a', [webhook({ name: 'again' })]);
  for (let i = 0; i < 60; i += 1) await send('replay:a', i);
  await show(`#/streams/${stream.id}?tab=replays`);
  await press('Start the replay');
  await page.locator('form .failure, form [aria-invalid]').first().waitFor();
  await page.getByLabel('From').fill('1');
  await page.getByLabel('Events a second at most').fill('2');
  await press('Start the replay');
  const progress = page.getByRole('progressbar');
  await progress.waitFor();
  await eventually(async () => assert.ok(Number(await progress.getAttribute('value')) > 0));
  await press('Cancel');
  await seen('cancelled');
});

test('a monitor is made by the form, checks in by its line, and is Dead when it fails', { skip }, async () => {
  await show('#/monitors/new');
  await page.getByLabel('Name').fill('nightly backup');
  await page.getByLabel('It checks in every').fill('soon');
  await press('Watch it');
  await page.getByLabel('It checks in every').and(page.locator('[aria-invalid]')).waitFor();
  await page.getByLabel('It checks in every').fill('1day');
  await press('Watch it');
  const key = await page.locator('.secret pre').textContent();
  const line = await page.getByText(/^curl -fsS/).textContent();
  assert.ok(line.includes(key));
  const id = line.match(/\/notify\/(\d+)/)[1];
  await request(`${server.url}/notify/${id}`, { headers: { 'x-api-key': key } });
  await page.getByRole('link', { name: 'To the monitor' }).click();
  await seen('It checks in.');
  await request(`${server.url}/notify/${id}/fail`, { method: 'POST', headers: { 'x-api-key': key } });
  await seen('It is silent.');
  await seen('it reported a failure');
  await show('#/');
  await page.locator('.trouble').filter({ hasText: 'nightly backup' }).getByText('Dead', { exact: true }).waitFor();
  await show('#/monitors');
  await page.getByRole('row', { name: /Dead nightly backup/ }).waitFor();
});

const secretOf = () => page.locator('.secret').count();
const optionsOf = () => page.getByText('More options').click();

test("a stream's destination and options are changed; its secret and headers' values stay unless others are given", { skip }, async () => {
  receiver.answerWith(200);
  const [stream] = await register('edit:a', [webhook({ name: 'shop', headers: { 'X-Team': 'billing' }, retries: ['1s', '2min'] })]);
  await show(`#/streams/${stream.id}`);
  await page.getByRole('link', { name: 'Change' }).first().click();
  await heading('Change edit:a → shop');
  await optionsOf();
  assert.equal(await page.getByLabel('Further headers').inputValue(), 'X-Team: ***');
  assert.equal(await page.getByLabel('Signing secret').inputValue(), '');
  assert.equal(await page.getByLabel('Waits before further attempts').inputValue(), '1s, 120s');
  await page.getByLabel('Address').fill('nowhere');
  await press('Change');
  await page.getByLabel('Address').and(page.locator('[aria-invalid]')).waitFor();
  await page.getByLabel('Address').fill(`${receiver.url}moved`);
  await page.getByLabel('Order').selectOption('subject');
  await page.getByLabel('Further headers').fill('X-Team: ***\nX-Desk: 7');
  await press('Change');
  await seen('Changed; it goes on from its cursor.');
  const { body: changed } = await getJson(api(`/streams/${stream.id}`));
  assert.deepEqual([changed.uri, changed.order, changed.headers, changed.retries], [`${receiver.url}moved`, 'subject', { 'X-Team': '***', 'X-Desk': '***' }, ['1s', '120s']]);
  await send('edit:a', { order: 1 });
  const got = await eventually(() => {
    const found = receiver.requests.find(({ url }) => url === '/moved');
    assert.ok(found);
    return found;
  });
  assert.deepEqual([got.headers['x-team'], got.headers['x-desk']], ['billing', '7']);
  new Webhook(stream.secret).verify(got.body, got.headers);

  await show(`#/streams/${stream.id}/edit`);
  await optionsOf();
  await putJson(api('/events/register'), { type: 'edit:a', streams: [webhook({ name: 'shop', timeout: '9s' })] });
  await press('Change');
  await seen(/Somebody else has changed it meanwhile/);
});

test('a stream over many types is changed in its types too', { skip }, async () => {
  await putJson(api('/streams/many'), { types: ['edit:*'], source: 'webhook', uri: receiver.url });
  const { body: stream } = await getJson(api('/streams/many'));
  await show(`#/streams/${stream.id}/edit`);
  await page.getByLabel('Types').fill('edit:*, live:**');
  await press('Change');
  await heading('many');
  assert.deepEqual((await getJson(api('/streams/many'))).body.types, ['edit:*', 'live:**']);
});

test("a monitor's notifications are changed, added and removed; secrets stay unless others are given", { skip }, async () => {
  const { body: { id, notify: [before] } } = await postJson(api('/monitors'), { name: 'told', interval: '1day', notify: [webhook({ headers: { 'X-Team': 'night' } }), webhook({ uri: `${receiver.url}second` })] });
  await show(`#/monitors/${id}`);
  await page.getByRole('link', { name: 'Change' }).click();
  await heading('Change told');
  const first = page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Notification 1' }) });
  assert.equal(await first.getByLabel('Signing secret').inputValue(), '');
  await first.getByLabel('Address').fill('nowhere');
  await press('Change');
  await first.getByLabel('Address').and(page.locator('[aria-invalid]')).waitFor();
  await first.getByLabel('Address').fill(`${receiver.url}told`);
  await page.getByRole('button', { name: 'Remove' }).nth(1).click();
  await press('Change');
  await heading('told');
  assert.equal(await secretOf(), 0, 'none was made');
  const { body: { notify } } = await getJson(api(`/monitors/${id}`));
  assert.deepEqual(notify.map(({ uri, headers }) => [uri, headers]), [[`${receiver.url}told`, { 'X-Team': '***' }]]);
  await postJson(api(`/streams/${notify[0].stream}/test`), {});
  const got = receiver.requests.find(({ url }) => url === '/told');
  assert.equal(got.headers['x-team'], 'night');
  new Webhook(before.secret).verify(got.body, got.headers);

  await show(`#/monitors/${id}/edit`);
  await page.getByRole('button', { name: 'Tell somebody' }).click();
  const second = page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Notification 2' }) });
  await second.getByLabel('Kind').selectOption('webhook');
  await second.getByLabel('Address').fill(`${receiver.url}third`);
  await press('Change');
  await page.locator('.secret').getByText(/^whsec_/).waitFor();
  assert.equal(await secretOf(), 1, 'that of the new one alone');
  const { body: third } = await getJson(api(`/monitors/${id}`));
  assert.deepEqual(third.notify.map(({ stream }) => stream === notify[0].stream), [true, false], 'the first one is as it was');
});

test('everything can be reached by the keyboard, and the page says where one is', { skip }, async () => {
  await show('#/');
  await heading('Overview');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Streams' }).focus();
  await page.keyboard.press('Enter');
  await heading('Streams');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'a new page is read from its heading on');
  const outline = await page.getByRole('link', { name: 'New stream' }).evaluate((link) => { link.focus({ focusVisible: true }); return getComputedStyle(link).outlineStyle; });
  assert.notEqual(outline, 'none');
  assert.equal(await page.locator('nav a[aria-current="page"]').first().textContent(), 'Streams');
  const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, textarea')].filter((element) => !(
    element.textContent.trim() || element.getAttribute('aria-label') || element.labels?.length)).map((element) => element.outerHTML));
  assert.deepEqual(unnamed, []);
});

test('light and dark follow the system, and a choice stays', { skip }, async () => {
  const shade = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await show('#/');
  const dark = await shade();
  assert.equal(dark[0], 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await eventually(async () => assert.equal((await shade())[0], 'light'));
  assert.notEqual((await shade())[1], dark[1]);
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await page.reload();
  assert.deepEqual(await shade(), dark);
});

test('no page is wider than a narrow phone', { skip }, async () => {
  const [{ id: stream }] = (await getJson(api('/streams'))).body.streams;
  const { monitors: [monitor] } = (await getJson(api('/monitors'))).body;
  await page.setViewportSize({ width: 360, height: 740 });
  for (const hash of ['#/', '#/live', '#/feeds', '#/streams', `#/streams/${stream}`, `#/streams/${stream}?tab=attempts`, `#/streams/${stream}?tab=replays`, `#/streams/${stream}/edit`, '#/streams/new', '#/types',
    '#/types/new', '#/types/dead:a', '#/monitors', '#/monitors/new', ...(monitor ? [`#/monitors/${monitor.id}`, `#/monitors/${monitor.id}/edit`] : []), '#/rooms', '#/rooms/tasks', '#/inboxes', '#/events/1']) {
    await show(hash);
    await page.locator('main h1').waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(tooWide <= 0, `${hash} is ${tooWide} px too wide`);
  }
});
