import { fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { useState, type JSX } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Recipient } from '../recipients.ts';
import { RecipientField } from './recipient-field.tsx';

const entries = [
  {
    kind: 'person',
    address: 'hungnv@caoson.gov.vn',
    name: 'Nguyễn Văn Hùng',
    title: 'Trưởng phòng',
    unitCode: 'H99.01',
    unitName: 'Văn phòng',
  },
  {
    kind: 'unit',
    address: 'snv@caoson.gov.vn',
    name: 'Sở Nội vụ',
    title: null,
    unitCode: 'H99.02',
    unitName: 'Sở Nội vụ',
  },
];
let chosen: readonly Recipient[];
function Host(): JSX.Element {
  const [value, setValue] = useState<readonly Recipient[]>([]);
  chosen = value;
  return <RecipientField label="Đến" value={value} onChange={setValue} />;
}
const field = (): HTMLInputElement => screen.getByRole('combobox', { name: 'Đến' });
const type = (text: string): void => {
  fireEvent.input(field(), { target: { value: text } });
};
const emails = (): string[] => chosen.map(({ email }) => email);

beforeEach(() => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ entries })));
  render(<Host />);
});
afterEach(() => vi.unstubAllGlobals());

it('suggests from the directory and takes the marked one with Enter', async () => {
  type('hung');
  expect(await screen.findAllByRole('option')).toHaveLength(2);
  fireEvent.keyDown(field(), { key: 'ArrowDown' });
  await waitFor(() => expect(screen.getByRole('option', { selected: true }).textContent).toContain('Sở Nội vụ'));
  fireEvent.keyDown(field(), { key: 'Enter' });
  await waitFor(() => expect(emails()).toEqual(['snv@caoson.gov.vn']));
  expect(field().value).toBe('');
});
it('a whole address is meant as typed, also while names are suggested', async () => {
  type('ai@noi-khac.vn');
  await screen.findAllByRole('option');
  fireEvent.keyDown(field(), { key: 'Enter' });
  await waitFor(() => expect(emails()).toEqual(['ai@noi-khac.vn']));
});
it('a comma ends an address; what is no address is marked', async () => {
  type('ai đó');
  fireEvent.keyDown(field(), { key: ',' });
  expect(await screen.findByRole('img', { name: 'Địa chỉ không hợp lệ' })).toBeTruthy();
});
it('a pasted list becomes chips', async () => {
  fireEvent.paste(field(), { clipboardData: { getData: () => 'A <a@x.vn>; b@x.vn\nc@x.vn' } });
  await waitFor(() => expect(emails()).toEqual(['a@x.vn', 'b@x.vn', 'c@x.vn']));
});
it('Backspace in the empty field takes the last one away, the cross any', async () => {
  fireEvent.paste(field(), { clipboardData: { getData: () => 'a@x.vn, b@x.vn, c@x.vn' } });
  await waitFor(() => expect(emails()).toHaveLength(3));
  fireEvent.keyDown(field(), { key: 'Backspace' });
  await waitFor(() => expect(emails()).toEqual(['a@x.vn', 'b@x.vn']));
  fireEvent.click(screen.getByRole('button', { name: 'Bỏ a@x.vn' }));
  await waitFor(() => expect(emails()).toEqual(['b@x.vn']));
});
it('leaving the field takes what was typed', async () => {
  field().focus();
  type('d@x.vn');
  await new Promise((rendered) => setTimeout(rendered));
  field().blur();
  await waitFor(() => expect(emails()).toEqual(['d@x.vn']));
});
