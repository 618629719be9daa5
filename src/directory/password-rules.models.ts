/** What a password must be. Pure. */
import { fold } from '../base/text.ts';

export type PasswordRule = 'length' | 'too_long' | 'classes' | 'common' | 'own_name';

export interface PasswordRules {
  passwordMinLength: number;
  passwordClasses: number;
}

/** The words that guessing starts with, here and in Vietnam; compared folded and without what is put around them. */
const common = [
  ...[
    'password',
    'passw0rd',
    'p@ssword',
    'p@ssw0rd',
    'letmein',
    'welcome',
    'qwerty',
    'qwertyuiop',
    'asdfghjkl',
    'zxcvbnm',
    'iloveyou',
    'administrator',
    'changeme',
    'abcdef',
  ],
  ...[
    'matkhau',
    'matkhaumoi',
    'matkhaumacdinh',
    'anhyeuem',
    'emyeuanh',
    'yeuem',
    'vietnam',
    'hanoi',
    'saigon',
    'congvu',
    'thudientu',
    'chinhphu',
    'ubnd',
    'uyban',
    'xinchao',
    'camon',
  ],
  ...[
    '1234567890',
    '123456789',
    '12345678',
    '0123456789',
    '987654321',
    '0987654321',
    '1qaz2wsx',
    '1q2w3e4r',
    'qazwsx',
    'abc123',
    'a123456',
    '147258369',
  ],
];

/** The rules that the password breaks; empty: it is good. */
export function brokenRules(
  password: string,
  owner: { fullName: string; address: string },
  rules: PasswordRules,
): PasswordRule[] {
  const broken: PasswordRule[] = [];
  const text = password.normalize('NFC');
  if ([...text].length < rules.passwordMinLength) broken.push('length');
  if (text.length > 256) broken.push('too_long');
  if (classes(text) < rules.passwordClasses) broken.push('classes');
  if (isCommon(text)) broken.push('common');
  if (containsName(text, owner)) broken.push('own_name');
  return broken;
}

function classes(text: string): number {
  return [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter((one) => one.test(text)).length;
}

/** A common word with digits and signs around it is as common; so are digits alone (telephones, birthdays) and one short piece said again and again. */
function isCommon(text: string): boolean {
  const folded = fold(text).replace(/\s+/g, '');
  const core = folded.replace(/^[^a-z]+|[^a-z]+$/g, '');
  return (
    common.includes(folded) ||
    (core !== '' && common.includes(core)) ||
    common.includes(folded.replace(/[^a-z0-9]/g, '')) ||
    /^\d+$/.test(folded) ||
    /^(.{1,4})\1+.?$/u.test(folded) ||
    isRun(folded)
  );
}

/** 0123456789…, abcdefgh…, and backwards. */
function isRun(text: string): boolean {
  const codes = [...text].map((c) => c.charCodeAt(0));
  return [1, -1].some((step) => codes.every((code, i) => i === 0 || code - (codes[i - 1] ?? 0) === step));
}

function containsName(text: string, { fullName, address }: { fullName: string; address: string }): boolean {
  const letters = (s: string) => fold(s).replace(/[^a-z0-9]/g, '');
  const inside = letters(text);
  return [fullName, address.split('@')[0] ?? ''].map(letters).some((own) => own.length >= 4 && inside.includes(own));
}
