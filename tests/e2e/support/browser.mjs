// A real browser: Debian's Chromium, driven by playwright-core. `./dev test` installs it; where it is not there, the tests that
// need it say loudly that they did not run.
import fs from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/// For the options of a test: false, or why it is left out.
export const skip = fs.existsSync(executablePath) ? false : `NOT RUN: there is no ${executablePath}; ./dev setup test installs it`;
if (skip) console.error(skip);

export const launchBrowser = () => chromium.launch({ executablePath, args: ['--no-sandbox'] });

/// A page that remembers what it must not do: `complaints` has violations of the Content-Security-Policy, scripts' mistakes and
/// requests to anybody but `origin`.
export async function openPage(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error}`));
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(`policy: ${message.text()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== new URL(origin).host) complaints.push(`foreign: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, complaints, close: () => context.close() };
}
