/**
 * Mutates the collection with fixed seeds and a fixed budget. Whatever comes: nothing throws, the tree is sound, the IMAP
 * strings keep their grammar, no message takes long. A failure names its seed: put it in `REGRESSIONS`.
 */
import { describe, expect, it } from 'vitest';

import { bodySection, decodePart, decodePartText, partByPath } from './content.ts';
import { deriveMessage, messageText } from './derive.ts';
import { decodeAddressGroups, decodeDate, decodeHeaderText, decodeMessageIds, decodeUrls } from './header.ts';
import { bodyOnly } from './imap-structure.ts';
import { decomposeBody } from './jmap-body.ts';
import { parseParameterized } from './params.ts';
import { parseMessage } from './parse.ts';
import { compareHeaders, protectedHeaders } from './protected-headers.ts';
import { findSignature } from './signed.ts';
import { oddMessages } from './testing/collection.ts';
import { allParts, cpuTime, expectSoundTree, expectWholeSections } from './testing/invariants.ts';
import { addressList, encodedWord, randomEntity } from './testing/random-message.ts';
import { expectImapForms } from './testing/structure-grammar.ts';
import { random as seeded } from '../base/testing/random.ts';

/** FUZZ_ROUNDS=100000 npm test -- src/message/fuzz.test.ts: more of the same row; FUZZ_SEED=1000000: another row. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 3000);
const FIRST = Number(process.env['FUZZ_SEED'] ?? 0);
const REGRESSIONS = [5002429];

const seeds = oddMessages().map(({ bytes }) => Buffer.from(bytes));
const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '--',
  '\0',
  '"',
  '(',
  ')',
  '<',
  '>',
  ':',
  ';',
  ',',
  '@',
  '=',
  '=?',
  '?=',
  '=?utf-8?Q?=C3?=',
  '\\',
  '\xff\xfe',
  '\xe1\xba',
  '%',
  "*0*=utf-8''",
  'Content-Type: multipart/mixed; boundary=x\r\n',
  'Content-Type: message/rfc822\r\n\r\n',
  '--x\r\n',
  '--x--\r\n',
  '<div style="display:none">',
  '<!--',
  '&#',
  '[',
  ']',
].map((token) => Buffer.from(token, 'latin1'));

function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(seeds[random(seeds.length)] ?? Buffer.alloc(0));
  for (let times = 1 + random(6); times > 0; times--) {
    const at = random(bytes.length + 1);
    const end = Math.min(bytes.length, at + random(80));
    const other = seeds[random(seeds.length)] ?? bytes;
    const token = TOKENS[random(TOKENS.length)] ?? Buffer.alloc(0);
    const from = random(other.length + 1);
    const middle = [
      Buffer.alloc(0),
      token,
      Buffer.from([random(256)]),
      other.subarray(from, from + random(400)),
      Buffer.concat([bytes.subarray(at, end), bytes.subarray(at, end)]),
      Buffer.concat(Array.from({ length: random(40) }, () => token)),
    ][random(6)];
    bytes = Buffer.concat([bytes.subarray(0, at), middle ?? token, bytes.subarray(random(2) === 0 ? at : end)]);
  }
  return bytes;
}

function exercise(bytes: Uint8Array): void {
  const parsed = parseMessage(bytes);
  expectSoundTree(bytes, parsed);
  const derived = deriveMessage(bytes);
  expectImapForms(derived.imapEnvelope, derived.imapBodyStructure, bodyOnly(derived.root));
  expectWholeSections(bytes, parsed.root);
  if (
    derived.preview.length > 256 ||
    Buffer.from(derived.preview, 'utf8').toString('utf8') !== derived.preview ||
    messageText(bytes, derived.root).includes('\0')
  )
    throw new Error('preview or text is not clean');
  if (/[\0\r\n]/.test(derived.summary.subject)) throw new Error('the subject is not clean');
  JSON.parse(JSON.stringify(derived));
  decomposeBody(parsed.root);
  const { signed } = findSignature(parsed, bytes);
  const inner = signed && protectedHeaders(bytes, signed);
  if (inner) compareHeaders(parsed.header, inner);
  for (const part of allParts(parsed.root)) {
    decodePart(bytes, part);
    if (part.type === 'text') decodePartText(bytes, part);
    if (!part.parts && partByPath(parsed.root, part.path) !== part) throw new Error(`${part.path} is not found`);
    for (const kind of ['all', 'mime', 'header', 'text'] as const)
      bodySection(bytes, parsed.root, { path: part.path, kind });
  }
}

function exerciseAll(kept: readonly number[], make: (seed: number) => Buffer): void {
  for (const seed of [...kept, ...Array.from({ length: ROUNDS }, (_, at) => FIRST + at)]) {
    const bytes = make(seed);
    const spent = cpuTime(() => {
      try {
        exercise(bytes);
      } catch (cause) {
        throw new Error(`seed ${seed}`, { cause });
      }
    });
    if (spent > 2000) throw new Error(`seed ${seed} took ${spent} ms for ${bytes.length} octets`);
  }
}

const TIMEOUT = 120_000 + ROUNDS * 10;

describe('fuzzing', () => {
  it(
    `${ROUNDS} changed messages are read soundly and quickly`,
    () => {
      exerciseAll(REGRESSIONS, (seed) => mutate(seeded(seed).int));
    },
    TIMEOUT,
  );

  it(
    `${ROUNDS} messages made at random are read soundly and quickly`,
    () => {
      exerciseAll([], (seed) => Buffer.from(randomEntity(seeded(seed))));
    },
    TIMEOUT,
  );

  it(
    'header fields of any octets are read',
    () => {
      for (let seed = FIRST; seed < FIRST + ROUNDS; seed++) {
        const dice = seeded(seed);
        const { int: random } = dice;
        const kinds = [
          () => String.fromCharCode(random(256)),
          () => TOKENS[random(TOKENS.length)]?.toString('latin1') ?? '',
          () => Buffer.from(random(2) === 0 ? addressList(dice) : encodedWord(dice)).toString('latin1'),
        ];
        const raw = Array.from({ length: random(60) }, () => kinds[random(random(4) === 0 ? 3 : 2)]?.()).join('');
        const text = decodeHeaderText(raw);
        expect(/[\0\r\n]/.test(text)).toBe(false);
        for (const group of decodeAddressGroups(raw)) {
          for (const { name, email } of group.addresses) expect(/[\0\r\n]/.test(`${name ?? ''}${email}`)).toBe(false);
        }
        decodeMessageIds(raw);
        decodeUrls(raw);
        decodeDate(raw);
        parseParameterized(raw);
      }
    },
    TIMEOUT,
  );
});
