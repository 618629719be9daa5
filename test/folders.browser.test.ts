/** Folders made in the web client, an official's own and a unit's, as mail programs see them; by one who reads without a key. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openScreen, signIn, startBrowser, type Screen } from './support/browser.ts';
import { withImap } from './support/imap.ts';
import { populate } from './support/people.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

const NHUNG = 'nhunght@caoson.gov.vn';
/** Above all unit mailboxes over IMAP. */
const UNITS = 'Hộp thư đơn vị';
let installation: Installation;
let server: ServerProcess;
let browser: Browser;
let screen: Screen;

beforeAll(async () => {
  installation = await install();
  await populate(installation);
  server = await serve(installation);
  browser = await startBrowser();
  screen = await openScreen(browser, `http://localhost:${installation.ports.http}`, 'desktop');
  await signIn(screen.page, NHUNG);
  await screen.page.getByRole('button', { name: 'Để sau, chỉ đọc thư' }).click();
});
afterAll(async () => {
  await browser.close();
  await server.kill();
  await installation.dispose();
});

const paths = (): Promise<string[]> =>
  withImap(installation, NHUNG, async (client) => (await client.list()).map(({ path }) => path));

describe('folders', () => {
  it('has own folders, one in another, which mail programs see too', async () => {
    const { page } = screen;
    for (const [name, parent] of Object.entries({ 'Dự án': '', 'Năm 2026': 'Dự án' })) {
      await page.getByRole('button', { name: 'Thư mục mới' }).click();
      await page.getByLabel('Tên thư mục').fill(name);
      if (parent) await page.getByLabel('Nằm trong').selectOption({ label: parent });
      await page.getByRole('button', { name: 'Tạo thư mục' }).click();
      await page.getByRole('link', { name, exact: true }).waitFor();
    }
    expect(await paths()).toContain('Dự án/Năm 2026');
  });

  it('makes, renames and removes a folder of the unit, as mail programs see too', async () => {
    const { page } = screen;
    const unitFolders = async (): Promise<string[]> => {
      const all = (await paths()).map((path) => path.split('/'));
      return all.flatMap(([top, , name]) => (top === UNITS && name ? [name] : []));
    };
    const choose = async (folder: string, work: string): Promise<void> => {
      await page.getByRole('link', { name: folder, exact: true }).hover();
      await page.getByRole('button', { name: `Việc với thư mục ${folder}` }).click();
      await page.getByRole('menuitem', { name: work }).click();
    };
    const dialog = page.locator('dialog');
    await page.getByRole('link', { name: /Văn phòng Ủy ban/ }).click();
    await page.getByRole('button', { name: /^Thư mục mới trong Văn phòng Ủy ban/ }).click();
    await dialog.getByLabel('Tên thư mục').fill('Chờ ký');
    await dialog.getByRole('button', { name: 'Tạo thư mục' }).click();
    await page.getByRole('link', { name: 'Chờ ký', exact: true }).waitFor();
    expect(await unitFolders()).toContain('Chờ ký');
    await choose('Chờ ký', 'Đổi tên');
    await dialog.getByLabel('Tên thư mục').fill('Đã trình');
    await dialog.getByRole('button', { name: 'Đổi tên' }).click();
    await page.getByRole('link', { name: 'Đã trình', exact: true }).waitFor();
    await choose('Đã trình', 'Xóa thư mục');
    await dialog.getByRole('button', { name: 'Xóa thư mục' }).click();
    await page.getByText('Đã xóa thư mục Đã trình').waitFor();
    expect((await unitFolders()).filter((name) => ['Chờ ký', 'Đã trình'].includes(name))).toEqual([]);
  });
});

describe('the question for a signing key', () => {
  it('is not asked again by a reload when it was put off', async () => {
    await screen.page.reload();
    await screen.page.getByRole('navigation', { name: 'Thư mục' }).waitFor();
    expect(screen.complaints).toEqual([]);
  });
});
