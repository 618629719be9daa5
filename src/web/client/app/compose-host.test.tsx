/** Writing a message, on the screen: what is asked, what goes to the server, and what stays when it refuses. */
import { fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dropKeptDraft, keptDraft } from '../lib/kept-draft.ts';
import { signingDesk } from '../lib/signer.ts';
import { deskWith, fakeUploads } from '../testing/fake-compose.ts';
import { email, type FakeMail } from '../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen, press } from '../testing/mail-screen.tsx';
import { ComposeHost } from './compose-host.tsx';

const { Upload, uploads, answers } = fakeUploads();
let fake: FakeMail;
const openScreen = async (signs: boolean): Promise<void> => {
  fake = await openMailScreen([email(1)], { signs, beside: <ComposeHost /> });
  vi.stubGlobal('XMLHttpRequest', Upload);
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  fake.answers['Email/import'] = () => ({ created: { sent: { id: 'e9' } } });
  fake.answers['EmailSubmission/set'] = () => ({ created: { submission: { id: 's1' } } });
  await screen.findByText('Thư số 1');
};
beforeEach(async () => {
  signingDesk.set(deskWith('mật khẩu ký'));
  uploads.length = 0;
  answers.status = 201;
  await openScreen(false);
});
afterEach(() => {
  // What is left open would be kept, and opened again by the next screen.
  for (const discard of screen.queryAllByRole('button', { name: 'Bỏ thư nháp' })) fireEvent.click(discard);
  closeMailScreen();
  dropKeptDraft();
  signingDesk.set(undefined);
});

const named = (name: string): Record<string, unknown>[] =>
  fake.calls.filter(([one]) => one === name).map(([, args]) => args);
const field = (name: string): HTMLElement => within(screen.getByRole('dialog')).getByLabelText(name);
const write = (name: string, value: string): void => void fireEvent.input(field(name), { target: { value } });
const addTo = (address: string): void => {
  const to = screen.getByRole('combobox', { name: 'Đến' });
  fireEvent.input(to, { target: { value: address } });
  fireEvent.keyDown(to, { key: 'Enter' });
};
const begin = async (): Promise<void> => {
  press('c');
  await screen.findByRole('dialog', { name: 'Soạn thư' });
  // Its own addresses are there.
  await screen.findByRole('option', { name: /van@caoson/ });
};
const send = (): void => void fireEvent.click(screen.getByRole('button', { name: 'Gửi' }));
const gone = (): Promise<void> => waitFor(() => expect(screen.queryByLabelText('Nội dung thư')).toBeNull());

describe('a message', () => {
  it('goes up as it was written, is submitted to all its recipients, and the window closes', async () => {
    await begin();
    addTo('binh@caoson.gov.vn');
    fireEvent.click(screen.getByRole('button', { name: 'Bcc' }));
    const bcc = screen.getByRole('combobox', { name: 'Bcc' });
    fireEvent.input(bcc, { target: { value: 'mat@caoson.gov.vn' } });
    fireEvent.keyDown(bcc, { key: 'Enter' });
    write('Tiêu đề', 'Lịch họp');
    write('Nội dung thư', 'Mời dự họp.');
    send();
    await gone();
    expect(await screen.findByText('Đã gửi thư.')).toBeTruthy();
    expect(uploads).toHaveLength(1);
    expect(uploads[0]).toMatch(/^From: .*<van@caoson\.gov\.vn>\r$/m);
    expect(uploads[0]).toMatch(/^To: .*binh@caoson\.gov\.vn/m);
    expect(uploads[0]).not.toContain('mat@caoson.gov.vn');
    expect(named('EmailSubmission/set')).toMatchObject([
      {
        create: {
          submission: {
            envelope: { rcptTo: [{ email: 'binh@caoson.gov.vn' }, { email: 'mat@caoson.gov.vn' }] },
          },
        },
      },
    ]);
    expect(keptDraft('van@caoson.gov.vn')).toBeUndefined();
  });

  it('without recipients is not sent; without a subject it is asked about, once', async () => {
    await begin();
    write('Nội dung thư', 'Chào anh.');
    send();
    expect((await screen.findByRole('alert')).textContent).toContain('Chưa có người nhận.');
    addTo('binh@caoson.gov.vn');
    send();
    expect(await screen.findByText('Thư chưa có tiêu đề.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Quay lại sửa' }));
    expect(named('EmailSubmission/set')).toEqual([]);
    send();
    fireEvent.click(await screen.findByRole('button', { name: 'Vẫn gửi' }));
    await gone();
    expect(named('EmailSubmission/set')).toHaveLength(1);
  });

  it('that the server refuses stays in the window, with the reason, and leaves nothing in Sent', async () => {
    fake.answers['EmailSubmission/set'] = () => ({ notCreated: { submission: { type: 'invalidRecipients' } } });
    await begin();
    addTo('khong-co@caoson.gov.vn');
    write('Tiêu đề', 'Lịch họp');
    write('Nội dung thư', 'Mời dự họp.');
    send();
    expect((await screen.findByRole('alert')).textContent).toContain('Có người nhận không tồn tại');
    expect(field('Nội dung thư')).toHaveProperty('value', 'Mời dự họp.');
    expect(named('Email/set')).toContainEqual({ accountId: 'a1', destroy: ['e9'] });
  });

  it('that is closed is kept as a draft; one in which nothing was written is not', async () => {
    fake.answers['Email/set'] = () => ({ created: { draft: { id: 'd1' } } });
    await begin();
    fireEvent.click(screen.getByRole('button', { name: 'Đóng, giữ bản nháp' }));
    await gone();
    await begin();
    write('Nội dung thư', 'Còn viết dở');
    fireEvent.click(screen.getByRole('button', { name: 'Đóng, giữ bản nháp' }));
    await gone();
    await waitFor(() => expect(named('Email/set')).toHaveLength(1));
    expect(named('Email/set')[0]).toMatchObject({
      create: { draft: { mailboxIds: { m5: true }, bodyValues: { text: { value: 'Còn viết dở' } } } },
    });
  });
});

describe('a signed message', () => {
  it('asks for the passphrase, says when it is wrong, and goes up as the desk made it', async () => {
    closeMailScreen();
    await openScreen(true);
    const fetched = fetch;
    vi.stubGlobal('fetch', (async (input, init) =>
      typeof input === 'string' && input.includes('/signing/key')
        ? new Response(JSON.stringify({ privateKey: 'x', publicKey: 'y' }))
        : fetched(input, init)) satisfies typeof fetch);
    await begin();
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'Lịch họp');
    write('Nội dung thư', 'Mời dự họp.');
    const signAndSend = (): HTMLElement[] => screen.getAllByRole('button', { name: 'Ký và gửi' });
    fireEvent.click(signAndSend()[0]!);
    const passphrase = await screen.findByLabelText(/mật khẩu ký/i);
    for (const typed of ['sai', 'mật khẩu ký']) {
      fireEvent.input(passphrase, { target: { value: typed } });
      await waitFor(() => expect(signAndSend().at(-1)).toHaveProperty('disabled', false));
      expect(uploads).toEqual([]);
      fireEvent.submit(passphrase.closest('form')!);
      if (typed === 'sai') expect(await screen.findByText(/không đúng/i)).toBeTruthy();
    }
    await gone();
    expect(await screen.findByText('Đã ký và gửi thư.')).toBeTruthy();
    expect(uploads).toEqual(['X-Signed: yes\r\n\r\nMời dự họp.']);
  });
});

describe('a file', () => {
  const drop = (...files: File[]): void => void fireEvent.drop(screen.getByRole('dialog'), { dataTransfer: { files } });

  it('goes up when it is dropped, and is sent with the message', async () => {
    await begin();
    drop(new File(['noi dung tep'], 'kế hoạch.txt', { type: 'text/plain' }));
    await waitFor(() => expect(uploads).toEqual(['noi dung tep']));
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'Có tệp');
    send();
    await gone();
    expect(uploads).toHaveLength(2);
    expect(uploads[1]).toContain(Buffer.from('noi dung tep').toString('base64'));
  });

  it('that could not go up holds the message back until it is tried again or taken away', async () => {
    answers.status = 500;
    await begin();
    drop(new File(['x'], 'a.txt', { type: 'text/plain' }));
    addTo('binh@caoson.gov.vn');
    write('Tiêu đề', 'Có tệp');
    expect(await screen.findByText('Chưa tải lên được')).toBeTruthy();
    send();
    expect((await screen.findByRole('alert')).textContent).toContain('Có tệp chưa tải lên được');
    answers.status = 201;
    fireEvent.click(screen.getByRole('button', { name: 'Bỏ tệp a.txt' }));
    send();
    await gone();
  });
});

it('an answer quotes what it answers and goes to who wrote it', async () => {
  press('j');
  await screen.findByText('Nội dung e1');
  press('r');
  await screen.findByRole('option', { name: /van@caoson/ });
  const text = await screen.findByLabelText<HTMLTextAreaElement>('Nội dung thư');
  expect(text.value).toMatch(/Người 1 viết:\s+> Nội dung e1/);
  await waitFor(() => expect(within(screen.getByRole('dialog')).getByText('Người 1')).toBeTruthy());
  write('Nội dung thư', `Đồng ý.\n${text.value}`);
  send();
  await gone();
  expect(uploads[0]).toContain(`Subject: =?UTF-8?B?${Buffer.from('Re: Thư số 1').toString('base64')}?=`);
  expect(uploads[0]).toContain('In-Reply-To: <e1@x>');
  await waitFor(() =>
    expect(named('Email/set')).toContainEqual({ accountId: 'a1', update: { e1: { 'keywords/$answered': true } } }),
  );
});
