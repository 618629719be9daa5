import { afterEach, describe, expect, it } from 'vitest';
import { en } from './en/en.ts';
import { setLocale, t } from './i18n.ts';
import { vi } from './vi/vi.ts';

const parameters = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();

describe('the catalogues', () => {
  afterEach(() => setLocale('vi'));
  it('have the same keys in Vietnamese and English', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  });
  it('use the same parameters in both languages', () => {
    for (const [key, text] of Object.entries(vi)) {
      const entry = en[key as keyof typeof en];
      for (const form of typeof entry === 'string' ? [entry] : [entry.one, entry.other])
        expect({ key, parameters: parameters(form) }).toEqual({ key, parameters: parameters(text) });
    }
  });
  it('leave nothing empty', () => {
    for (const text of Object.values(vi)) expect(text.trim()).not.toBe('');
  });
  it('are written in NFC', () => {
    for (const text of Object.values(vi)) expect(text).toBe(text.normalize('NFC'));
  });
  it('choose the English plural by number', async () => {
    await setLocale('en');
    expect(t('mail.archived', { n: 1 })).toBe('1 message archived.');
    expect(t('mail.archived', { n: 3 })).toBe('3 messages archived.');
  });
});
