/** What officials do every day with the web client, and what may go wrong while they do, against a real server. */
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { oddMessages } from '../src/message/testing/collection.ts';
import { look, makeKey, openScreen, signIn, startBrowser, violations, type Screen } from './support/browser.ts';
import { signWithExported } from './support/gpg.ts';
import { withImap } from './support/imap.ts';
import { PASSPHRASE } from './support/official.ts';
import { PASSWORD, populate } from './support/people.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

const VU = 'vulh@caoson.gov.vn';
let installation: Installation;
let server: ServerProcess;
let browser: Browser;
let url: string;

beforeAll(async () => {
  installation = await install();
  await populate(installation, async (parts) => {
    await parts.db.write((tx) =>
      parts.directory.addOfficial(
        tx,
        { fullName: 'Phạm Thu Trang', title: 'Chuyên viên', unitCode: 'H99.33', role: 'chuyen_vien' },
        { password: PASSWORD, mustChange: true },
      ),
    );
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

const open = (): Promise<Screen> => openScreen(browser, url, 'desktop');
const writing = (page: Page): Locator => page.locator('section[role=dialog]');
const later = (page: Page): Promise<void> => page.getByRole('button', { name: 'Để sau, chỉ đọc thư' }).click();

describe('the first day', () => {
  it('has the password changed before anything else, and says what is wrong with a new one', async () => {
    const { page, complaints } = await open();
    await signIn(page, 'trangpt@caoson.gov.vn');
    await page.getByRole('heading', { name: 'Đổi mật khẩu lần đầu' }).waitFor();
    const save = page.getByRole('button', { name: 'Lưu và tiếp tục' });
    await page.getByLabel('Mật khẩu hiện tại').fill(PASSWORD);
    await page.getByLabel('Mật khẩu mới', { exact: true }).fill('Doi-thong-xanh-2026');
    await page.getByLabel('Nhập lại mật khẩu mới').fill('khác');
    await save.click();
    await page.getByText('Hai lần nhập mật khẩu mới không giống nhau.').waitFor();
    await page.getByLabel('Nhập lại mật khẩu mới').fill('Doi-thong-xanh-2026');
    await save.click();
    await page.getByRole('heading', { name: 'Tạo khóa ký số' }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('settings', () => {
  let screen: Screen;
  const dialog = (): Locator => screen.page.getByRole('dialog');
  beforeAll(async () => {
    screen = await open();
    await signIn(screen.page, 'hungnv@caoson.gov.vn');
    await makeKey(screen.page);
    await screen.page.getByRole('link', { name: 'Cài đặt' }).click();
  });

  it('makes an app password that a mail program can use, shows it once, and takes it back', async () => {
    const { page } = screen;
    await page.getByLabel('Tên chương trình').fill('Thunderbird');
    await page.getByRole('button', { name: 'Tạo', exact: true }).click();
    const password = await page.getByRole('status').locator('code').innerText();
    const boxes = (): Promise<number> =>
      withImap(installation, 'hungnv@caoson.gov.vn', async (client) => (await client.list()).length, password);
    expect(await boxes()).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Thu hồi mật khẩu của Thunderbird' }).click();
    await page.getByText('Thunderbird', { exact: true }).waitFor({ state: 'detached' });
    await expect(boxes()).rejects.toThrow();
  });

  it('changes the passphrase, and refuses a short or a differing one in words', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Đổi cụm mật khẩu' }).click();
    const fill = async (current: string, next: string, again: string): Promise<void> => {
      await dialog().getByLabel('Cụm mật khẩu hiện tại').fill(current);
      await dialog().getByLabel('Cụm mật khẩu mới').fill(next);
      await dialog().getByLabel('Nhập lại cụm mật khẩu').fill(again);
      await dialog().getByRole('button', { name: 'Đổi cụm mật khẩu' }).click();
    };
    await fill(PASSPHRASE, 'ngắn', 'ngắn');
    await dialog().getByRole('alert').getByText('Quá ngắn').waitFor();
    await fill(PASSPHRASE, 'song dai chay qua lang que', 'song dai');
    await dialog().getByRole('alert').getByText('không giống nhau').waitFor();
    await fill(PASSPHRASE, 'song dai chay qua lang que', 'song dai chay qua lang que');
    await page.getByText('Đã đổi cụm mật khẩu ký.').waitFor();
  });

  it('exports the key in a form that gpg imports and signs with', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Xuất khóa' }).click();
    await dialog().getByLabel('Cụm mật khẩu ký').fill('song dai chay qua lang que');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog().getByRole('button', { name: 'Tải tệp khóa' }).click(),
    ]);
    const status = signWithExported(readFileSync(await download.path()), 'song dai chay qua lang que');
    expect(status).toMatch(/^\[GNUPG:\] IMPORT_OK 17 /m);
    expect(status).toMatch(/^\[GNUPG:\] SIG_CREATED /m);
  });

  it('revokes the key and makes another', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Thu hồi khóa' }).click();
    await dialog().getByRole('button', { name: 'Thu hồi khóa này' }).click();
    await page.getByRole('button', { name: 'Tạo khóa ký' }).or(page.getByText('Để sau')).first().waitFor();
    if ((await page.getByRole('heading', { name: 'Tạo khóa ký số' }).count()) === 0)
      await page.getByRole('button', { name: 'Tạo khóa ký' }).click();
    await makeKey(page);
    expect(screen.complaints).toEqual([]);
  });
});

describe('writing', () => {
  let screen: Screen;
  beforeAll(async () => {
    screen = await open();
    await signIn(screen.page, 'nhunght@caoson.gov.vn');
    await makeKey(screen.page);
  });

  it('opens, like any other screen, once a line is back that broke while it was fetched', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Soạn thư' }).first().waitFor();
    await page.context().setOffline(true);
    await page.keyboard.press('c');
    await page.getByText('Chưa mở được phần này. Kiểm tra kết nối rồi thử lại.').waitFor();
    await page.getByRole('link', { name: 'Danh bạ' }).click();
    await page.getByText('Phần này gặp lỗi; các phần khác vẫn dùng được.').waitFor();
    await page.getByRole('link', { name: /^Thư/ }).first().click();
    await page.context().setOffline(false);
    await page.keyboard.press('c');
    // In its own place, with its style.
    expect(await writing(page).evaluate((dialog) => getComputedStyle(dialog).position)).toBe('fixed');
    await page.keyboard.press('Escape');
    screen.complaints.length = 0;
  });

  it('keeps what is typed when the connection is gone, through a reload too, and saves it once it is back', async () => {
    const { page } = screen;
    await page.getByRole('button', { name: 'Soạn thư' }).first().waitFor();
    await page.keyboard.press('c');
    await writing(page).getByLabel('Tiêu đề').fill('Viết lúc mất mạng');
    await page.context().setOffline(true);
    await writing(page).getByLabel('Nội dung thư').fill('Không được mất');
    await writing(page).getByRole('button', { name: 'Đóng, giữ bản nháp' }).click();
    await page.getByText('thư đang soạn được giữ trong thẻ trình duyệt này').waitFor();
    await page.getByRole('button', { name: 'Mở lại' }).click();
    expect(await writing(page).getByLabel('Nội dung thư').inputValue()).toBe('Không được mất');
    await page.context().setOffline(false);
    await page.reload();
    await expect.poll(() => writing(page).getByLabel('Nội dung thư').inputValue()).toBe('Không được mất');
    await page.keyboard.press('Escape');
    await page.getByText('Đã giữ trong Thư nháp.').waitFor();
    screen.complaints.length = 0;
  });

  it('leaves the message open when a question above it is closed with Escape, and asks about a forgotten file', async () => {
    const { page } = screen;
    await page.keyboard.press('c');
    await writing(page).getByRole('combobox', { name: 'Đến' }).fill(VU);
    await page.keyboard.press('Enter');
    await writing(page).getByLabel('Tiêu đề').fill('Báo cáo');
    await writing(page).getByLabel('Nội dung thư').fill('Xin xem tệp đính kèm.');
    await writing(page).getByRole('button', { name: 'Ký và gửi' }).click();
    await page.getByText('Thư nhắc đến tệp đính kèm nhưng chưa có tệp nào.').waitFor();
    await page.keyboard.press('Escape');
    expect(await writing(page).getByLabel('Tiêu đề').inputValue()).toBe('Báo cáo');
  });

  it('sends for the unit as its delegate; what does not exist is refused and everything typed stays', async () => {
    const { page } = screen;
    const message = writing(page);
    await page.locator('input[type=file]').setInputFiles({
      name: 'bao-cao.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('số liệu'),
    });
    const unit = message.locator('select option').filter({ hasText: 'vpubnd@' });
    await unit.waitFor({ state: 'attached' });
    await message.locator('select').selectOption(await unit.getAttribute('value'));
    await message.getByRole('button', { name: 'Cc', exact: true }).click();
    await page.keyboard.type('khongco@caoson.gov.vn,');
    await message.getByRole('button', { name: 'Ký và gửi' }).click();
    // After a reload the key is locked.
    const unlock = page.getByRole('dialog', { name: 'Mở khóa ký' });
    await unlock.getByLabel('Cụm mật khẩu ký').fill(PASSPHRASE);
    await unlock.getByRole('button', { name: 'Ký và gửi' }).click();
    await message.getByRole('alert').waitFor({ timeout: 60_000 });
    expect(await message.getByRole('alert').innerText()).toContain('không tồn tại');
    expect(await message.getByLabel('Nội dung thư').inputValue()).toContain('đính kèm');
    await message.getByRole('button', { name: 'Bỏ khongco@caoson.gov.vn' }).click();
    await message.getByRole('button', { name: 'Ký và gửi' }).click();
    await page.getByText('Đã ký và gửi thư.').waitFor({ timeout: 60_000 });
    await page.goto(url);
    await page.getByRole('link', { name: /Văn phòng Ủy ban/ }).click();
    await page.getByRole('link', { name: 'Thư đã gửi' }).nth(1).click();
    await page.getByText('Báo cáo').first().waitFor();

    const reader = await open();
    await signIn(reader.page, VU);
    await later(reader.page);
    await reader.page.getByText('Báo cáo').first().click();
    await reader.page
      .getByText(/Đã ký số bởi Hoàng Thị Nhung thay mặt Văn phòng Ủy ban nhân dân tỉnh/)
      .first()
      .waitFor();
    await look(reader.page, '20-on-behalf');
    expect(await violations(reader.page)).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });
});

describe('a desk full of mail', () => {
  let screen: Screen;
  beforeAll(async () => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: installation.ports.smtp,
      tls: { rejectUnauthorized: false },
    });
    for (const { bytes } of oddMessages().slice(14, 44))
      await transport
        .sendMail({ envelope: { from: 'la@example.org', to: [VU] }, raw: Buffer.from(bytes) })
        // The server may refuse what is no message.
        .catch(() => undefined);
    transport.close();
    screen = await open();
    await signIn(screen.page, VU);
    await makeKey(screen.page);
  });
  const rows = (): Locator => screen.page.getByRole('listitem');

  it('is paged through with j without an error, however odd the messages', async () => {
    const { page, complaints } = screen;
    await rows().nth(5).waitFor();
    for (let at = 0; at < 28; at++) {
      await page.keyboard.press('j');
      await page.locator('article').first().waitFor();
      const over = await page.evaluate(() => document.body.scrollWidth - document.body.clientWidth);
      expect(over).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
  });

  it('archives several chosen with shift, and takes it back', async () => {
    const { page } = screen;
    await page.goto(url);
    const box = page.getByRole('listitem').getByRole('checkbox');
    await box.nth(0).click({ force: true });
    await box.nth(3).click({ force: true, modifiers: ['Shift'] });
    await page.getByText('Đã chọn 4').waitFor();
    const first = await rows().first().innerText();
    await page.getByRole('toolbar').getByRole('button', { name: 'Lưu trữ' }).click();
    await page.getByText('Đã lưu trữ 4 thư.').waitFor();
    await page.getByRole('button', { name: 'Hoàn tác' }).click();
    await expect.poll(() => rows().first().innerText()).toContain(first.split('\n')[1] ?? '');
  });

  it('empties the trash only after asking', async () => {
    const { page } = screen;
    await rows().first().getByRole('link').click();
    await page.keyboard.press('#');
    await page.getByText('Đã chuyển 1 thư vào Thùng rác.').waitFor();
    await page.getByRole('link', { name: 'Thùng rác' }).click();
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Dọn sạch Thùng rác' }).click();
    await page.getByRole('dialog').getByText('Không khôi phục được').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Xóa vĩnh viễn' }).click();
    await page.getByText('Không có thư nào').waitFor();
  });

  it('shows nothing after signing out, by the back button or in another tab', async () => {
    const { page } = screen;
    const other = await page.context().newPage();
    await other.goto(`${url}/settings`);
    await other.getByRole('button', { name: 'Đăng xuất' }).click();
    await other.getByLabel('Địa chỉ thư').waitFor();
    await other.goBack();
    await other.getByLabel('Địa chỉ thư').waitFor();
    // Without a press: the tabs tell each other.
    await page.getByLabel('Địa chỉ thư').waitFor();
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  });
});
