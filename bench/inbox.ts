/**
 * Time to open the inbox of a 20,000-message mailbox in Chromium, from the sign-in button to the first rows, cold cache; on this
 * machine, and with a CPU 4 times slower and a line of 1.6 Mbit/s and 150 ms. Usage: npx tsx bench/inbox.ts [--messages 20000]
 */
import type { Page } from 'playwright-core';

import { startBrowser } from '../test/support/browser.ts';
import { argument, quantile, report, round, seconds } from './lib/figures.ts';
import { startServer } from './lib/server.ts';
import { Smtp } from './lib/smtp.ts';

const MESSAGES = argument('--messages', 20_000);
const RUNS = 3;
const server = await startServer();
// Has a key, so that the first screen is the mail.
const user = server.accounts.find((a) => a.address.startsWith('vulh@'));
if (!user) throw new Error('the demo lacks its officials');
await fill(user.address);

for (const slow of [false, true]) {
  const times: { inbox: number; bytes: number; reload: number }[] = [];
  for (let i = 0; i < RUNS; i++) times.push(await open(slow));
  const median = (key: 'inbox' | 'bytes' | 'reload') =>
    round(
      quantile(
        times.map((t) => t[key]),
        0.5,
      ),
      2,
    );
  report({
    test: 'open inbox',
    messages: MESSAGES,
    profile: slow ? 'CPU 4x slower, 1.6 Mbit/s, 150 ms' : 'this machine',
    runs: RUNS,
    signInToRowsSeconds: median('inbox'),
    wireBytes: median('bytes'),
    reloadToRowsSeconds: median('reload'),
  });
}
await server.stop();

async function fill(to: string): Promise<void> {
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const smtp = await Smtp.open(server.ports.smtp);
      for (let i = next++; i < MESSAGES; i = next++) {
        const text = `From: Nguoi gui ${i % 300} <gui${i % 300}@example.org>\r\nTo: ${to}\r\nSubject: V/v bao cao so ${i} ve cong tac thang ${i % 12}\r\nMessage-ID: <i${i}@example.org>\r\nDate: Sun, 22 Nov 2026 09:00:00 +0700\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKính gửi quý cơ quan, báo cáo số ${i}.\r\n`;
        await smtp.send(`gui${i % 300}@example.org`, [to], Buffer.from(text));
      }
      smtp.close();
    }),
  );
  report({ test: 'fill', messages: MESSAGES, perSecond: round(MESSAGES / seconds(begun)) });
}

async function open(slow: boolean): Promise<{ inbox: number; bytes: number; reload: number }> {
  const browser = await startBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'vi-VN' });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    let bytes = 0;
    cdp.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
    if (slow) {
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await cdp.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 150,
        downloadThroughput: 1.6e6 / 8,
        uploadThroughput: 750e3 / 8,
      });
    }
    await page.goto(`http://localhost:${server.ports.http}/`);
    await signIn(page);
    const begun = performance.now();
    await page.keyboard.press('Enter');
    await rows(page);
    const inbox = seconds(begun);
    const total = bytes;
    const again = performance.now();
    await page.reload();
    await rows(page);
    return { inbox, bytes: total, reload: seconds(again) };
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel(/Địa chỉ|Address/).fill(user?.address ?? '');
  await page.getByLabel(/^(Mật khẩu|Password)$/).fill(user?.password ?? '');
}

async function rows(page: Page): Promise<void> {
  await page
    .getByText(/V\/v bao cao so/)
    .first()
    .waitFor({ timeout: 120_000 });
}
