/** Officials in a real browser: what they see and press, and what the page complains of. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

import { packageRoot } from '../../src/base/paths.ts';
import { PASSPHRASE } from './official.ts';
import { PASSWORD } from './people.ts';

const SCREENS = { desktop: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
const shots = join(packageRoot, 'test-results');

export interface Screen {
  page: Page;
  /** What the page complained of: exceptions, blocked content, failed requests. */
  complaints: string[];
}

export function startBrowser(): Promise<Browser> {
  mkdirSync(shots, { recursive: true });
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export async function openScreen(browser: Browser, url: string, size: keyof typeof SCREENS): Promise<Screen> {
  const context = await browser.newContext({
    viewport: SCREENS[size],
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The one expected: asking whether there is a session, before there is one.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

export async function signIn(page: Page, address: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Địa chỉ thư').fill(address);
  await page.getByLabel('Mật khẩu', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
}

/** Fills in the form wherever it stands: after the first sign-in, or in the settings. */
export async function makeKey(page: Page): Promise<void> {
  const heading = page.getByRole('heading', { name: 'Tạo khóa ký số' });
  await heading.waitFor();
  await page.getByLabel('Cụm mật khẩu ký', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Nhập lại cụm mật khẩu').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Tạo khóa ký' }).last().click();
  await heading.waitFor({ state: 'detached', timeout: 60_000 });
}

/** WCAG violations and bad practice that are moderate or worse. */
export async function violations(page: Page): Promise<string[]> {
  // As a file would be: the page's policy lets no string be run.
  await page
    .context()
    .newCDPSession(page)
    .then((cdp) => cdp.send('Page.setBypassCSP', { enabled: true }));
  return page.evaluate(async (source) => {
    const run = (0, eval)(`${source}; axe`) as typeof axe;
    const { violations: list } = await run.run(document, { resultTypes: ['violations'] });
    return list
      .filter((v) => v.impact !== 'minor')
      .map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  }, axe.source);
}

export const look = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: join(shots, `${name}.png`) });
