/**
 * What is found through the index is what a look at every text finds, over random Vietnamese mail in many writings: NFC, NFD,
 * entities, quoted-printable, base64, old character sets, HTML beside plain text, quoted lines. Seeds are fixed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../../base/ids.ts';
import { random } from '../../base/testing/random.ts';
import { openStore, type TestStore } from '../testing/setup.ts';

const WORDS =
  'công cộng cổng cong văn vạn van hòa hoà thủy thuỷ thuy giải phóng mặt bằng đất dat số 417 1427/UBND-KGVX QĐ-UBND quý an toàn (khẩn) a.b@c.vn x_y'.split(
    ' ',
  );
const KEYS = [
  ...WORDS,
  ...'ông ôn ng vă giai phong|giải phóng mặt bằng|giải phóng|iải phóng mặt bằn|hong mat|UBND-KG|27/ubnd|hoa|hòa|hoà|Hòa an|thuy|thủy|công văn|cong van|ông văn|cộng hòa|g v|(khẩn)|khan) |4|17|x_y|y|b@c|đất số|dat so|"|an toàn|không có gì|cổng cong'.split(
    '|',
  ),
];

interface Letter {
  text: string;
  bytes: Buffer;
}

const entities = (text: string) => text.replace(/[\u0080-\uffff]/g, (c) => `&#${c.charCodeAt(0)};`);
const lines = (text: string) => text.split(' ').reduce((all, word, i) => all + (i % 7 === 6 ? '\r\n' : ' ') + word);
const quotedPrintable = (text: string) =>
  lines(text).replace(/[^\x20-\x3c\x3e-\x7e\r\n]/g, (c) =>
    [...Buffer.from(c)].map((o) => `=${o.toString(16).toUpperCase()}`).join(''),
  );

function letter(rnd: (below: number) => number, n: number): Letter {
  const text = Array.from({ length: 3 + rnd(14) }, () => WORDS[rnd(WORDS.length)] ?? '').join(' ');
  const written = rnd(3) === 0 ? text.normalize('NFD') : text;
  const head = `From: a@b.vn\r\nSubject: so ${n}\r\nMIME-Version: 1.0\r\n`;
  const part = (type: string, encoding: string, body: string | Buffer) =>
    Buffer.concat([
      Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]);
  const utf8 = 'text/plain; charset=utf-8';
  const html = `<html><body><p>${entities(text)}</p></body></html>`;
  const forms = [
    () => part(utf8, '8bit', lines(written)),
    () => part(utf8, 'base64', Buffer.from(written).toString('base64').replace(/.{60}/g, '$&\r\n')),
    () => part(utf8, 'quoted-printable', quotedPrintable(written)),
    () => part('text/html; charset=us-ascii', '7bit', html),
    () => part(utf8, '8bit', `> ${lines(written).replace(/\r\n/g, '\r\n> ')}`),
    () => part('text/plain; charset=windows-1258', '8bit', windows1258(text)),
    () =>
      Buffer.concat([
        Buffer.from('Content-Type: multipart/alternative; boundary=q\r\n\r\n--q\r\n'),
        part(utf8, '7bit', 'Xem bang HTML.'),
        Buffer.from('--q\r\n'),
        part('text/html; charset=utf-8', 'quoted-printable', quotedPrintable(`<p>${written}</p>`)),
        Buffer.from('--q--\r\n'),
      ]),
  ];
  const which = rnd(forms.length);
  const bytes = Buffer.concat([Buffer.from(head), forms[which]?.() ?? Buffer.alloc(0)]);
  return { text: which === 6 ? `Xem bang HTML. ${text}` : text, bytes };
}

/** Base letters with their vowel marks as single octets, tones as combining ones, as Windows wrote them. */
function windows1258(text: string): Buffer {
  const octets = new Map<string, number>();
  const decoder = new TextDecoder('windows-1258');
  for (let o = 0; o < 256; o++) octets.set(decoder.decode(Uint8Array.of(o)), o);
  const out: number[] = [];
  for (const char of text) {
    const own = octets.get(char);
    if (own !== undefined) {
      out.push(own);
      continue;
    }
    const [base = '', ...marks] = char.normalize('NFD');
    const tones = marks.filter((m) => octets.has(m));
    const vowel = (base + marks.filter((m) => !octets.has(m)).join('')).normalize('NFC');
    out.push(...[vowel, ...tones].map((c) => octets.get(c) ?? 63));
  }
  return Buffer.from(out);
}

/** The rule of docs/search.md once more; a text begins and ends with white space, written differently: letter by letter, no expressions, no index. */
function naive(text: string, key: string): boolean {
  const [t, k] = [takenApart(text), takenApart(key)];
  for (let at = 0; at + k.length <= t.length; at++) if (agrees(t, k, at)) return true;
  return false;
}
interface Char {
  base: string;
  /** Of the letter, without the tone. */
  full: string;
  tone: string;
  word: number;
  bare: boolean;
}
function takenApart(text: string): Char[] {
  const out: Char[] = [];
  let word = 0;
  for (const char of text.normalize('NFC').toLowerCase()) {
    const [base = '', ...marks] = char.normalize('NFD');
    const tone = marks.filter((m) => /[\u0300\u0301\u0303\u0309\u0323]/.test(m)).join('');
    const full = (base + marks.filter((m) => !tone.includes(m)).join('')).normalize('NFC');
    const isWord = /[\p{L}\p{N}]/u.test(base);
    if (!isWord || !/[\p{L}\p{N}]/u.test(out.at(-1)?.base ?? ' ')) word++;
    out.push({ base: base === 'đ' ? 'd' : base, full, tone, word: isWord ? word : -word, bare: true });
  }
  for (const c of out) c.bare = out.filter((d) => d.word === c.word).every((d) => d.tone === '' && d.full === d.base);
  return out;
}
function agrees(text: Char[], key: Char[], at: number): boolean {
  const words = new Map<number, number[]>();
  for (const [i, c] of key.entries()) {
    if (text[at + i]!.base !== c.base) return false;
    words.set(c.word, [...(words.get(c.word) ?? []), i]);
  }
  return [...words.values()].every((places) => {
    if (places.every((i) => key[i]!.bare)) return true;
    const there = places.map((i) => text[at + i]!);
    if (there.every((c) => c.bare)) return true;
    const tones = (list: Char[]) => list.map((c) => c.tone).join('');
    return (
      places.every((i) => text[at + i]!.full === key[i]!.full) && tones(there) === tones(places.map((i) => key[i]!))
    );
  });
}

describe.each(dialects)('search in text on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  let inbox: MailboxId;
  let letters: Letter[];
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
    inbox = await t.role(id, 'inbox');
    const { int: rnd } = random(417);
    letters = Array.from({ length: 60 }, (_, n) => letter(rnd, n));
    const prepared = await Promise.all(letters.map(({ bytes }) => t.store.prepare(bytes)));
    await t.store.write(id, async (w) => {
      for (const one of prepared) await w.append(one, { mailboxIds: [inbox] });
    });
  });
  afterAll(() => t.dispose());

  it('finds exactly what a look at every text finds', async () => {
    const read = t.store.read(id);
    const wrong: unknown[] = [];
    let hits = 0;
    for (const key of KEYS) {
      const expected = letters.flatMap(({ text }, i) => (naive(` ${text} `, key) ? [i + 1] : []));
      const found = (await read.uidsWithText(inbox, { in: 'body', text: key })).sort((a, b) => a - b);
      hits += expected.length;
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        const differ = [...found, ...expected].filter((u) => found.includes(u) !== expected.includes(u));
        wrong.push({ key, differ: differ.map((u) => [found.includes(u), letters[u - 1]!.text]) });
      }
    }
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(500);
    expect(await t.findings()).toEqual([]);
  });
});
