/** Folders, the official's own and of a unit mailbox: where they stand, and making, renaming and removing them. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubStore } from '../../lib/jmap/hub.ts';
import type { Mailbox } from '../../lib/jmap/types.ts';
import { allRights, email, type FakeMail } from '../../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen } from '../../testing/mail-screen.tsx';

const UNIT = 'Văn phòng UBND';
const mailbox = (
  id: string,
  name: string,
  parentId: string | null = null,
  role: Mailbox['role'] = null,
  myRights = allRights,
): Mailbox => ({
  id,
  name,
  parentId,
  role,
  sortOrder: 0,
  totalEmails: 0,
  unreadEmails: 0,
  totalThreads: 0,
  unreadThreads: 0,
  myRights,
});
let fake: FakeMail;
let mailboxes: Mailbox[];
/** Of the unit, account u1. */
let unitMailboxes: Mailbox[];
/** What the server says to the next change; made when absent. */
let refusal: string | undefined;

function set(args: Record<string, unknown>): Record<string, unknown> {
  const { accountId, create, update, destroy } = args as {
    accountId: string;
    create?: Record<string, { name: string; parentId: string | null }>;
    update?: Record<string, { name: string }>;
    destroy?: string[];
  };
  const refused = (ids: string[]) => Object.fromEntries(ids.map((id) => [id, { type: refusal }]));
  if (refusal)
    return { notCreated: refused(Object.keys(create ?? {})), notDestroyed: refused(destroy ?? []), notUpdated: null };
  const those = accountId === 'u1' ? unitMailboxes : mailboxes;
  for (const { name, parentId } of Object.values(create ?? {})) those.push(mailbox('new', name, parentId));
  for (const [id, { name }] of Object.entries(update ?? {})) those.find((one) => one.id === id)!.name = name;
  for (const id of destroy ?? [])
    those.splice(
      those.findIndex((one) => one.id === id),
      1,
    );
  return { created: create ? { folder: { id: 'new' } } : null };
}
beforeEach(async () => {
  refusal = undefined;
  mailboxes = [
    mailbox('m1', 'INBOX', null, 'inbox'),
    mailbox('m3', 'Trash', null, 'trash'),
    mailbox('f2', 'Năm 2026', 'f1'),
    mailbox('f1', 'Dự án'),
    mailbox('f3', 'Ảnh', 'm1'),
    mailbox('f4', 'Lạc', 'gone'),
  ];
  unitMailboxes = [
    mailbox('u1', 'INBOX', null, 'inbox'),
    mailbox('u3', 'Trash', null, 'trash'),
    mailbox('uf', 'Công văn đến'),
    mailbox('ug', 'Chỉ xem', null, null, { mayCreateChild: false, mayRename: false, mayDelete: false }),
  ];
  fake = await openMailScreen([email(1), email(2, { mailboxIds: { f1: true }, threadId: 't2' })], {
    units: { u1: UNIT },
  });
  fake.answers['Mailbox/get'] = ({ accountId, ids }) => ({
    state: 'm',
    list: ids ? [] : accountId === 'u1' ? [...unitMailboxes] : [...mailboxes],
    notFound: [],
  });
  fake.answers['Mailbox/set'] = set;
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  for (const store of hubStore.get()?.accounts.values() ?? []) await act(() => store.loadMailboxes());
  await screen.findByRole('link', { name: 'Dự án' });
});
afterEach(closeMailScreen);

const folders = (): HTMLElement => screen.getByRole('navigation', { name: 'Thư mục' });
const names = (): string[] =>
  within(folders())
    .getAllByRole('link')
    .map((link) => `${'-'.repeat(Math.round(((parseInt(link.style.paddingLeft) || 8) - 8) / 14))}${link.title}`);
const menuOf = (folder: string, item: string): void => {
  const tools = within(folders()).getByRole('button', { name: `Việc với thư mục ${folder}` }).parentElement!;
  fireEvent.click(within(tools).getByText(item));
};
const dialog = (): Promise<HTMLElement> => screen.findByRole('dialog');

describe('the folders', () => {
  it('stand below those that they lie in, after the usual ones', () => {
    expect(names()).toEqual(['Hộp thư đến', '-Ảnh', 'Có dấu sao', 'Thùng rác', 'Dự án', '-Năm 2026', 'Lạc', UNIT]);
    expect(within(folders()).queryByRole('button', { name: /Thùng rác/ })).toBeNull();
  });

  it('take a new one, and go there', async () => {
    fireEvent.click(within(folders()).getByRole('button', { name: 'Thư mục mới' }));
    const form = within(await dialog());
    fireEvent.input(form.getByLabelText('Tên thư mục'), { target: { value: '  Đường tỉnh 174 ' } });
    expect(form.getByRole('option', { name: 'Dự án / Năm 2026' })).toBeTruthy();
    fireEvent.submit(form.getByLabelText('Tên thư mục').closest('form')!);
    await waitFor(() => expect(names()).toContain('Đường tỉnh 174'));
    expect(location.pathname).toBe('/mail/a1/new');
  });

  it('say in words why a name is not taken, and keep it', async () => {
    refusal = 'invalidProperties';
    fireEvent.click(within(folders()).getByRole('button', { name: 'Thư mục mới' }));
    const form = within(await dialog());
    fireEvent.input(form.getByLabelText('Tên thư mục'), { target: { value: 'Dự án' } });
    fireEvent.submit(form.getByLabelText('Tên thư mục').closest('form')!);
    expect(await form.findByText(/đã có thư mục tên như vậy/)).toBeTruthy();
    expect(form.getByLabelText('Tên thư mục')).toHaveProperty('value', 'Dự án');
  });

  it('are renamed', async () => {
    menuOf('Dự án', 'Đổi tên');
    const form = within(await dialog());
    expect(form.queryByLabelText('Nằm trong')).toBeNull();
    fireEvent.input(form.getByLabelText('Tên thư mục'), { target: { value: 'Đã xong' } });
    fireEvent.submit(form.getByLabelText('Tên thư mục').closest('form')!);
    await waitFor(() => expect(names()).toContain('Đã xong'));
  });

  it('are removed after a question, and their mail goes to the trash first', async () => {
    menuOf('Dự án', 'Xóa thư mục');
    fireEvent.click(within(await dialog()).getByRole('button', { name: 'Xóa thư mục' }));
    await waitFor(() => expect(names()).not.toContain('Dự án'));
    expect(fake.emails[1]?.mailboxIds).toEqual({ m3: true });
    const calls = fake.calls.filter(([name]) => name === 'Email/set' || name === 'Mailbox/set').map(([name]) => name);
    expect(calls).toEqual(['Email/set', 'Mailbox/set']);
  });

  it('that have others inside stay, and that is said', async () => {
    refusal = 'mailboxHasChild';
    menuOf('Dự án', 'Xóa thư mục');
    const asked = within(await dialog());
    fireEvent.click(asked.getByRole('button', { name: 'Xóa thư mục' }));
    expect(await asked.findByText(/Trong thư mục còn thư mục khác/)).toBeTruthy();
    expect(names()).toContain('Dự án');
  });
});

describe('the folders of a unit mailbox', () => {
  beforeEach(async () => {
    fireEvent.click(within(folders()).getByRole('link', { name: UNIT }));
    await within(folders()).findByRole('link', { name: 'Công văn đến' });
  });
  const asked = (): string[] =>
    fake.calls.filter(([name]) => name === 'Mailbox/set').map(([, args]) => String(args['accountId']));

  it('take a new one, which all who work in it are said to see', async () => {
    fireEvent.click(within(folders()).getByRole('button', { name: `Thư mục mới trong ${UNIT}` }));
    const form = within(await dialog());
    expect(form.getByText(/Mọi người cùng dùng hộp thư Văn phòng UBND/)).toBeTruthy();
    expect(form.getAllByRole('option').map((one) => one.textContent)).toEqual([
      '(không nằm trong thư mục nào)',
      'Công văn đến',
    ]);
    fireEvent.input(form.getByLabelText('Tên thư mục'), { target: { value: 'Năm 2026' } });
    fireEvent.submit(form.getByLabelText('Tên thư mục').closest('form')!);
    await waitFor(() => expect(location.pathname).toBe('/mail/u1/new'));
    expect(asked()).toEqual(['u1']);
    expect(unitMailboxes.map(({ name }) => name)).toContain('Năm 2026');
  });

  it("are renamed and removed there, their mail into the unit's own trash", async () => {
    menuOf('Công văn đến', 'Đổi tên');
    const form = within(await dialog());
    fireEvent.input(form.getByLabelText('Tên thư mục'), { target: { value: 'Đã xử lý' } });
    fireEvent.submit(form.getByLabelText('Tên thư mục').closest('form')!);
    await within(folders()).findByRole('link', { name: 'Đã xử lý' });
    fake.emails[1]!.mailboxIds = { uf: true };
    menuOf('Đã xử lý', 'Xóa thư mục');
    fireEvent.click(within(await dialog()).getByRole('button', { name: 'Xóa thư mục' }));
    await waitFor(() => expect(names()).not.toContain('Đã xử lý'));
    expect(fake.emails[1]?.mailboxIds).toEqual({ u3: true });
    expect(asked()).toEqual(['u1', 'u1']);
  });

  it('are headed by whose they are, where a phone shows no list of folders', () => {
    expect(screen.getByRole('button', { name: /^Thư mục: ?Hộp thư đến ?· ?Văn phòng UBND$/ })).toBeTruthy();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(`Hộp thư đến · ${UNIT}`);
    expect(document.title).toContain(`Hộp thư đến · ${UNIT} – Công Vụ`);
  });

  it('offer only what the server allows', () => {
    expect(within(folders()).queryByRole('button', { name: /Chỉ xem/ })).toBeNull();
  });
});
