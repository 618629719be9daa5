/** What may go wrong while one writes: files too large, wrong recipients, a draft that is not saved, a key that does not open. */
import { fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { online } from '../lib/http.ts';
import { hubStore } from '../lib/jmap/hub.ts';
import { dropKeptDraft, keepDraft, keptDraft } from '../lib/kept-draft.ts';
import { signingDesk } from '../lib/signer.ts';
import { deskWith, fakeUploads } from '../testing/fake-compose.ts';
import { email, type FakeMail } from '../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen, press } from '../testing/mail-screen.tsx';
import { ComposeHost } from './compose-host.tsx';

const ME = 'van@caoson.gov.vn';
const { Upload, uploads, answers } = fakeUploads();
let fake: FakeMail;
const openScreen = async (signs = false): Promise<void> => {
  fake = await openMailScreen([email(1)], { signs, beside: <ComposeHost /> });
  vi.stubGlobal('XMLHttpRequest', Upload);
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  fake.answers['Email/import'] = () => ({ created: { sent: { id: 'e9' } } });
  fake.answers['EmailSubmission/set'] = () => ({ created: { submission: { id: 's1' } } });
  fake.answers['Email/set'] = () => ({ created: { draft: { id: 'd1' } } });
  await screen.findByText('Thư số 1');
};
beforeEach(async () => {
  signingDesk.set(deskWith('mật khẩu ký'));
  uploads.length = 0;
  Object.assign(answers, { status: 201, waits: false });
  await openScreen();
});
afterEach(() => {
  for (const discard of screen.queryAllByRole('button', { name: 'Bỏ thư nháp' })) fireEvent.click(discard);
  closeMailScreen();
  dropKeptDraft();
  signingDesk.set(undefined);
});

const named = (name: string): Record<string, unknown>[] =>
  fake.calls.filter(([one]) => one === name).map(([, args]) => args);
const begin = async (): Promise<HTMLElement> => {
  press('c');
  const window_ = await screen.findByRole('dialog', { name: 'Soạn thư' });
  await screen.findByRole('option', { name: /van@caoson/ });
  return window_;
};
const write = (name: string, value: string): void =>
  void fireEvent.input(screen.getByLabelText(name), { target: { value } });
const addTo = (address: string): void => {
  const to = screen.getByRole('combobox', { name: 'Đến' });
  fireEvent.input(to, { target: { value: address } });
  fireEvent.keyDown(to, { key: 'Enter' });
};
const drop = (...files: File[]): void =>
  void fireEvent.drop(screen.getByRole('dialog', { name: /./ }), { dataTransfer: { files } });
const sized = (name: string, size: number): File =>
  Object.defineProperty(new File(['x'], name, { type: 'text/plain' }), 'size', { value: size });
const send = (): void => void fireEvent.click(screen.getByRole('button', { name: 'Gửi' }));
const file = (name: string): HTMLElement => screen.getByText(new RegExp(`^${name}`)).closest('li')!;
const error = async (): Promise<string | null> => (await screen.findByRole('alert')).textContent;

describe('a file', () => {
  it('too large for the server says so at once: it may be taken away, not tried again', async () => {
    const capabilities = hubStore.get()!.client.session.capabilities;
    capabilities['urn:ietf:params:jmap:core'] = { maxSizeUpload: 1000 };
    await begin();
    drop(sized('phim.txt', 1001), sized('vừa.txt', 500));
    await waitFor(() => expect(file('phim').textContent).toContain('Tệp quá lớn, không gửi kèm được. Bỏ tệp này.'));
    expect(within(file('phim')).queryByRole('button', { name: 'Thử lại' })).toBeNull();
    await waitFor(() => expect(uploads).toHaveLength(1));
    addTo('binh@caoson.gov.vn');
    send();
    expect(await error()).toContain('Có tệp chưa tải lên được');
    fireEvent.click(screen.getByRole('button', { name: 'Bỏ tệp phim.txt' }));
    expect(screen.queryByText(/phim\.txt/)).toBeNull();
  });

  it('that the server calls too large is the same; several that are too much together stop the sending', async () => {
    await begin();
    answers.status = 413;
    drop(sized('to.txt', 10));
    await waitFor(() => expect(file('to').textContent).toContain('Tệp quá lớn'));
    fireEvent.click(screen.getByRole('button', { name: 'Bỏ tệp to.txt' }));
    answers.status = 201;
    drop(...[1, 2, 3].map((n) => sized(`${n}.txt`, 15_000_000)));
    addTo('binh@caoson.gov.vn');
    await waitFor(() => expect(uploads).toHaveLength(3));
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
    send();
    expect(await error()).toBe('Thư vượt quá dung lượng cho phép. Bỏ bớt tệp.');
    expect(named('EmailSubmission/set')).toEqual([]);
  });

  it('on its way shows how far it is, holds the message back, and may be called off', async () => {
    answers.waits = true;
    await begin();
    drop(new File(['x'], 'a.txt'));
    const bar = await screen.findByRole('progressbar', { name: 'Đang tải lên a.txt' });
    await waitFor(() => expect(bar).toHaveProperty('value', 0.25));
    addTo('binh@caoson.gov.vn');
    send();
    expect(await error()).toBe('Tệp đang tải lên. Chờ xong rồi gửi.');
    fireEvent.click(screen.getByRole('button', { name: 'Hủy tải lên a.txt' }));
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
  });

  it('that meets a broken line says so, and the desk knows that it is offline', async () => {
    answers.status = 0;
    await begin();
    drop(new File(['x'], 'a.txt'));
    expect(await within(await waitFor(() => file('a'))).findByText('Chưa tải lên được')).toBeTruthy();
    expect(online.get()).toBe(false);
    answers.status = 201;
    fireEvent.click(screen.getByRole('button', { name: 'Thử lại' }));
    await waitFor(() => expect(uploads).toEqual(['x']));
  });

  it('spoken of and not there is asked about before sending', async () => {
    await begin();
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'Báo cáo');
    write('Nội dung thư', 'Xin gửi kèm báo cáo quý.');
    send();
    expect(await screen.findByText('Thư nhắc đến tệp đính kèm nhưng chưa có tệp nào.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Vẫn gửi' }));
    expect(await screen.findByText('Đã gửi thư.')).toBeTruthy();
  });
});

it('a recipient that is no address is named, marked for a screen reader too, and stops the sending', async () => {
  await begin();
  addTo('binh@caoson.gov.vn');
  addTo('khong@dung');
  write('Tiêu đề', 'x');
  expect(screen.getByRole('img', { name: 'Địa chỉ không hợp lệ' })).toBeTruthy();
  send();
  expect(await error()).toBe('Địa chỉ không hợp lệ: khong@dung. Sửa hoặc bỏ rồi gửi lại.');
  fireEvent.click(screen.getByRole('button', { name: 'Bỏ khong@dung' }));
  send();
  expect(await screen.findByText('Đã gửi thư.')).toBeTruthy();
});

describe('a draft', () => {
  it('is saved a moment after a change, and says when; one that cannot be saved says so until it is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    const pause = (): Promise<unknown> => vi.advanceTimersByTimeAsync(2600);
    try {
      await begin();
      fake.fail = true;
      write('Nội dung thư', 'Một');
      await pause();
      expect(await screen.findByText('Chưa lưu được nháp')).toBeTruthy();
      fake.fail = false;
      write('Nội dung thư', 'Một hai');
      await pause();
      expect(await screen.findByText(/^Đã lưu nháp \d\d:\d\d$/)).toHaveProperty('ariaLive', 'polite');
      expect(named('Email/set').at(-1)).toMatchObject({
        create: { draft: { bodyValues: { text: { value: 'Một hai' } } } },
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('that is thrown away by mistake comes back with its words and recipients', async () => {
    await begin();
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'Quan trọng');
    write('Nội dung thư', 'Đã viết cả buổi.');
    fireEvent.click(screen.getByRole('button', { name: 'Bỏ thư nháp' }));
    expect(screen.queryByLabelText('Nội dung thư')).toBeNull();
    expect(keptDraft(ME)).toBeUndefined();
    expect(await screen.findByText('Đã bỏ thư nháp.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Hoàn tác' }));
    expect(await screen.findByLabelText('Nội dung thư')).toHaveProperty('value', 'Đã viết cả buổi.');
    expect(screen.getByLabelText('Tiêu đề')).toHaveProperty('value', 'Quan trọng');
    expect(screen.getByRole('button', { name: 'Bỏ binh@caoson.gov.vn' })).toBeTruthy();
  });

  it('in which nothing stands goes without a word', async () => {
    await begin();
    fireEvent.click(screen.getByRole('button', { name: 'Bỏ thư nháp' }));
    await waitFor(() => expect(screen.queryByLabelText('Nội dung thư')).toBeNull());
    expect(screen.queryByText('Đã bỏ thư nháp.')).toBeNull();
  });

  it('closed while offline stays in this tab, and goes to the drafts when the line is back', async () => {
    await begin();
    write('Nội dung thư', 'Viết trên xe');
    fake.fail = true;
    fireEvent.click(screen.getByRole('button', { name: 'Đóng, giữ bản nháp' }));
    expect(await screen.findByText(/^Đang ngoại tuyến: thư đang soạn được giữ/)).toBeTruthy();
    expect(keptDraft(ME)?.fields['text']).toBe('Viết trên xe');
    fake.fail = false;
    online.set(true);
    await waitFor(() => expect(keptDraft(ME)).toBeUndefined());
    expect(named('Email/set').at(-1)).toMatchObject({
      create: { draft: { bodyValues: { text: { value: 'Viết trên xe' } } } },
    });
  });

  it('found after a reload stands there again, and names the files that must be attached anew', async () => {
    closeMailScreen();
    const fields = { accountId: 'a1', to: [], cc: [], bcc: [], subject: 'Dở dang', text: 'Còn đây', sign: false };
    keepDraft({ owner: ME, fields, files: [], lost: ['ảnh.jpg'], draftId: 'd1' });
    await openScreen();
    expect(await screen.findByLabelText('Nội dung thư')).toHaveProperty('value', 'Còn đây');
    expect(await screen.findByText('Chưa tải lên, cần đính kèm lại: ảnh.jpg.')).toBeTruthy();
  });
});

describe('the signing key', () => {
  const unlock = async (answer: Response): Promise<HTMLElement> => {
    closeMailScreen();
    await openScreen(true);
    const fetched = fetch;
    vi.stubGlobal('fetch', (async (input, init) =>
      typeof input === 'string' && input.includes('/signing/key')
        ? answer.clone()
        : fetched(input, init)) satisfies typeof fetch);
    await begin();
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'x');
    fireEvent.keyDown(screen.getByLabelText('Nội dung thư'), { key: 'Enter', ctrlKey: true });
    return screen.findByRole('dialog', { name: 'Mở khóa ký' });
  };
  const key = Response.json({ privateKey: 'K', publicKey: 'P' });

  it('that does not open says why, to a screen reader too, and what was written stays', async () => {
    const dialog = await unlock(key);
    const passphrase = within(dialog).getByLabelText('Cụm mật khẩu ký');
    expect(within(dialog).getByRole('button', { name: 'Ký và gửi' })).toHaveProperty('disabled', true);
    fireEvent.input(passphrase, { target: { value: 'sai' } });
    fireEvent.submit(passphrase.closest('form')!);
    expect((await within(dialog).findByRole('alert')).textContent).toBe('Cụm mật khẩu không đúng.');
    expect(passphrase.getAttribute('aria-invalid')).toBe('true');
    fireEvent.click(within(dialog).getByRole('button', { name: 'Hủy' }));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Mở khóa ký' })).toBeNull());
    expect(screen.getByLabelText('Tiêu đề')).toHaveProperty('value', 'x');
    expect(named('EmailSubmission/set')).toEqual([]);
  });

  it('that this browser cannot open is told in words', async () => {
    const desk = deskWith('');
    desk.unlock = async () => {
      throw Object.assign(new Error('no'), { code: 'argon2_unavailable' });
    };
    signingDesk.set(desk);
    const dialog = await unlock(key);
    const passphrase = within(dialog).getByLabelText('Cụm mật khẩu ký');
    fireEvent.input(passphrase, { target: { value: 'đúng' } });
    fireEvent.submit(passphrase.closest('form')!);
    expect((await within(dialog).findByRole('alert')).textContent).toBe(
      'Trình duyệt này không mở được khóa ký. Cập nhật trình duyệt rồi thử lại.',
    );
  });

  it('may have locked itself between asking and signing: it is asked for again, nothing is lost', async () => {
    const desk = deskWith('mật khẩu ký');
    const signed = desk.sign;
    let times = 0;
    desk.isUnlocked = () => true;
    desk.sign = async (...args) => {
      if (times++ === 0) throw Object.assign(new Error('idle'), { code: 'locked' });
      return signed(...args);
    };
    signingDesk.set(desk);
    const dialog = await unlock(key);
    const passphrase = within(dialog).getByLabelText('Cụm mật khẩu ký');
    fireEvent.input(passphrase, { target: { value: 'mật khẩu ký' } });
    fireEvent.submit(passphrase.closest('form')!);
    expect(await screen.findByText('Đã ký và gửi thư.')).toBeTruthy();
  });
});
