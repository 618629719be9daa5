/** The main job as two officials see it, in a real browser against a real server. */
import { createTransport } from 'nodemailer';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { documentPdf } from '../src/demo/pdf.ts';
import { sampleDocuments } from '../src/demo/sample.ts';
import { look, makeKey, openScreen, signIn, startBrowser, violations, type Screen } from './support/browser.ts';
import { withImap } from './support/imap.ts';
import { OfficialAtWork } from './support/official.ts';
import { issued1427 } from './support/document.ts';
import { PASSWORD, populate } from './support/people.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

let installation: Installation;
let server: ServerProcess;
let browser: Browser;
let url: string;

beforeAll(async () => {
  installation = await install({
    zone: {
      'good.test': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
      '_dmarc.good.test': { TXT: ['v=DMARC1; p=none'] },
      'bad.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
      '_dmarc.bad.test': { TXT: ['v=DMARC1; p=none'] },
    },
  });
  await populate(installation, async (parts) => {
    const sample = sampleDocuments()[0];
    if (!sample) throw new Error('no sample');
    const bytes = await documentPdf({ ...sample, soKyHieu: '1427/UBND-KGVX' }, new Map());
    await issued1427(parts, bytes, { urgency: 'hoa_toc' });
  });
  server = await serve(installation);
  url = `http://localhost:${installation.ports.http}`;
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.kill();
  await installation.dispose();
});

const open = (size: 'desktop' | 'phone'): Promise<Screen> => openScreen(browser, url, size);

describe('from the first sign-in to a signed message with a registered document', () => {
  let vu: Screen;
  let hung: Screen;
  const subject = `Triển khai thư công vụ ${Date.now() % 100_000}`;

  it('asks for a signing passphrase once and makes the key in the browser', async () => {
    hung = await open('desktop');
    await look(hung.page, '1-sign-in');
    await signIn(hung.page, 'hungnv@caoson.gov.vn');
    await hung.page.getByRole('heading', { name: 'Tạo khóa ký số' }).waitFor();
    await look(hung.page, '2-key');
    await makeKey(hung.page);
    const session = await OfficialAtWork.signIn(url, 'hungnv@caoson.gov.vn', PASSWORD);
    expect(session.session.signingKey?.fingerprint).toMatch(/^[0-9A-F]{40}$/);
    expect(hung.complaints).toEqual([]);
  });

  it('finds recipient and document without diacritics, signs and sends', async () => {
    vu = await open('desktop');
    await signIn(vu.page, 'vulh@caoson.gov.vn');
    await makeKey(vu.page);
    const { page } = hung;
    const up: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/jmap/upload/')) up.push(request.headers()['content-type'] ?? '');
    });
    await page.keyboard.press('c');
    // The composer; the picker that it opens is a dialog of its own.
    const dialog = page.getByRole('dialog').first();
    await dialog.getByRole('combobox', { name: 'Đến' }).fill('le hoang');
    await page
      .getByRole('option', { name: /Lê Hoàng Vũ/ })
      .first()
      .click();
    await dialog.getByLabel('Tiêu đề').fill(subject);
    await dialog.getByLabel('Nội dung thư').fill('Kính gửi đồng chí,\n\nĐề nghị thực hiện trước ngày 05/12/2026.');
    await dialog.getByRole('button', { name: 'Văn bản' }).click();
    await page.getByLabel('Số, ký hiệu hoặc trích yếu').fill('1427 ubnd');
    await page
      .getByRole('button', { name: /1427\/UBND-KGVX/ })
      .or(page.getByRole('option', { name: /1427\/UBND-KGVX/ }))
      .first()
      .click();
    await dialog.getByText('1427_UBND-KGVX.signed.pdf').waitFor();
    await look(page, '3-compose');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Ký và gửi' }).click();
    // The key was unlocked when it was made; should it have locked, the passphrase is asked for here.
    await page.getByText('Đã ký và gửi thư.').waitFor({ timeout: 60_000 });
    // The file went up once, when it was attached; the message that was signed around it went up without it.
    expect(up).toEqual(['application/pdf']);
    expect(hung.complaints).toEqual([]);
  });

  it("appears in the recipient's open inbox by itself, signed and whole, with the document", async () => {
    const { page } = vu;
    const row = page.getByText(subject).first();
    await row.waitFor({ timeout: 20_000 });
    await row.click();
    await page.getByText('Đã ký số bởi Nguyễn Văn Hùng').waitFor();
    await expect.poll(() => page.getByText('nội dung và 1 tệp nguyên vẹn').count()).toBeGreaterThan(0);
    await page.getByText('Khớp bản phát hành').first().waitFor();
    await page.getByText('Trưởng phòng Hành chính - Tổ chức').first().waitFor();
    await look(page, '4-message');
    expect(await violations(page)).toEqual([]);
  });

  it('shows the PDF in place', async () => {
    const { page } = vu;
    await page.getByText('1427_UBND-KGVX.signed.pdf').first().click();
    const canvas = page.locator('canvas').first();
    await canvas.waitFor({ timeout: 30_000 });
    // Ink on the paper, not an empty sheet.
    const ink = () =>
      canvas.evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const pixels =
          (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height / 2).data ?? [];
        let dark = 0;
        for (let i = 0; i < pixels.length; i += 4) if ((pixels[i] ?? 255) < 100 && (pixels[i + 3] ?? 0) > 200) dark++;
        return dark;
      });
    await expect.poll(ink, { timeout: 20_000 }).toBeGreaterThan(2000);
    await look(page, '5-pdf');
    await page.keyboard.press('Escape');
  });

  it("is a line on the document's page", async () => {
    const { page } = hung;
    await page.getByRole('link', { name: 'Văn bản' }).first().click();
    await page.getByText('1427/UBND-KGVX').first().click();
    await page.getByText(subject).first().waitFor();
    await page.getByText('Hợp lệ').first().waitFor();
    await look(page, '6-document');
    expect(await violations(page)).toEqual([]);
    expect(hung.complaints).toEqual([]);
  });

  it('finds the message again by words without diacritics', async () => {
    const { page } = vu;
    await page.goto(`${url}/`);
    await page.getByText(subject).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('trien khai thu cong vu');
    await page.keyboard.press('Enter');
    await page.getByText(subject.slice(0, 10)).first().waitFor();
    expect(vu.complaints).toEqual([]);
  });
});

describe('mail that deserves a second look', () => {
  const VU = 'vulh@caoson.gov.vn';
  const fromOutside = async (raw: Buffer, from: string) => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: installation.ports.smtp,
      tls: { rejectUnauthorized: false },
    });
    await transport.sendMail({ envelope: { from, to: [VU] }, raw });
    transport.close();
  };
  const written = (from: string, subject: string) =>
    Buffer.from(
      `From: <${from}>\r\nTo: <${VU}>\r\nSubject: ${subject}\r\nMessage-ID: <${Date.now()}-${from}>\r\n\r\nXin chao.\r\n`,
    );

  it('says whether the domain outside stands by it', async () => {
    await fromOutside(written('vanthu@good.test', 'Tu noi that'), 'vanthu@good.test');
    await fromOutside(written('vanthu@bad.test', 'Tu noi gia'), 'vanthu@bad.test');
    const { page } = await open('desktop');
    await signIn(page, VU);
    await page.getByText('Tu noi that').first().click();
    await page.getByText('Tên miền good.test xác nhận đã gửi thư này.').waitFor();
    await page.getByText('Không có chữ ký số').waitFor();
    await page.getByText('Tu noi gia').first().click();
    await page.getByText('Tên miền bad.test không nhận đã gửi thư này: có thể giả mạo.').waitFor();
    await look(page, '10-outside');
    expect(await violations(page)).toEqual([]);
  });

  it('says that a signed message was changed on its way, and what the signer had written', async () => {
    const signed = await withImap(installation, VU, async (client) => {
      await client.mailboxOpen('INBOX');
      const first = await client.fetchOne('1', { source: true });
      return first && first.source ? first.source : Buffer.alloc(0);
    });
    const changed = signed
      .toString('latin1')
      .replace(/^Subject: [^]*?\r\n(?=\S)/m, 'Subject: Chuyen tien ngay hom nay\r\n');
    await fromOutside(Buffer.from(changed, 'latin1'), 'hungnv@caoson.gov.vn');
    const { page } = await open('desktop');
    await signIn(page, VU);
    // In our own name from outside, and nobody vouches for it: junk.
    await page.getByRole('link', { name: /Thư rác/ }).click();
    await page.getByText('Chuyen tien ngay hom nay').first().click();
    await page.getByText('Thư đã bị sửa sau khi ký').waitFor();
    await page
      .getByText(/Triển khai thư công vụ/)
      .first()
      .waitFor();
    expect(await page.getByText('Đã ký số bởi').count()).toBe(0);
    await look(page, '11-altered');
    expect(await violations(page)).toEqual([]);
  });
});

describe('on a phone', () => {
  it('reads the message in one column with the bar below', async () => {
    const { page, complaints } = await open('phone');
    await signIn(page, 'vulh@caoson.gov.vn');
    const row = page.getByText(/Triển khai thư công vụ/).first();
    await row.waitFor();
    await look(page, '7-phone-list');
    expect(await violations(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await row.click();
    await page.getByText('Đã ký số bởi Nguyễn Văn Hùng').waitFor();
    await page.getByText('Đề nghị thực hiện').last().waitFor();
    await look(page, '8-phone-message');
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('in dark', () => {
  it('keeps its contrast', async () => {
    const { page } = await open('desktop');
    await page.emulateMedia({ colorScheme: 'dark' });
    await signIn(page, 'vulh@caoson.gov.vn');
    const row = page.getByText(/Triển khai thư công vụ/).first();
    await row.waitFor();
    await row.click();
    await page.getByText('Đã ký số bởi Nguyễn Văn Hùng').waitFor();
    await look(page, '9-dark');
    expect(await violations(page)).toEqual([]);
  });
});
