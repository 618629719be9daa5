/** Mutated commands in each state, the same ones in every run: the server answers or closes, and never breaks. */
import { readFileSync } from 'node:fs';

import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { random } from '../base/testing/random.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { faultLog } from './testing/faults.ts';
import { HUNG, mail, PASSWORD, startServer, type TestServer } from './testing/setup.ts';

/** One of each command, and what once was dear to answer; a command that breaks something is kept in the second for good. */
const seedsIn = (file: string): string[] =>
  v.parse(
    v.array(v.string()),
    JSON.parse(readFileSync(new URL(`./testing/fuzz/${file}.json`, import.meta.url), 'utf8')),
  );
const SEEDS = seedsIn('seeds');
const KEPT = seedsIn('kept');
/** FUZZ_ROUNDS=100000 npm test -- src/imap-lite/fuzz.test.ts: further mutations, of which the first are always the same; FUZZ_SEED=7: others. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 300);
const SEED = Number(process.env['FUZZ_SEED'] ?? 0);
const PIECES = [
  '(',
  ')',
  '"',
  '\\',
  '{5}',
  '{5+}\r\n',
  '~{1+}\r\n\0',
  '*',
  '%',
  '$',
  ':',
  ',',
  '<',
  '>',
  '[',
  ']',
  ' ',
  '\r',
  '\n',
  '\0',
  '\u00e9',
  '\u{1f600}',
  '&AbA',
  'NIL',
  '4294967296',
  '-1',
  '99999999999999999999',
  '((((((((((',
  'UID ',
];

/** More than the largest literal that these limits let in. */
const REST = `h ${'x'.repeat(96)}\r\n`.repeat(11);

function mutate(text: string, next: () => number): string {
  let out = text;
  for (let n = Math.floor(next() * 4); n >= 0; n--) {
    const at = Math.floor(next() * (out.length + 1));
    const to = Math.min(out.length, at + Math.floor(next() * 6));
    const piece = PIECES[Math.floor(next() * PIECES.length)] ?? '';
    const kind = next();
    if (kind < 0.3) out = out.slice(0, at) + piece + out.slice(at);
    else if (kind < 0.6) out = out.slice(0, at) + out.slice(to);
    else if (kind < 0.8) out = out.slice(0, at) + piece + out.slice(to);
    else out = out.slice(0, at) + out.slice(at, to) + out.slice(at);
  }
  return out;
}

describe('mutated commands', () => {
  let test: TestServer;
  const { faults, log } = faultLog();
  beforeAll(async () => {
    test = await startServer(
      sqliteDatabase,
      {
        wrongPasswords: 1e6,
        badCommands: 1e6,
        preLoginCommands: 1e6,
        literalBytes: 100,
        preLoginLiteralBytes: 100,
        appendBytes: 1000,
      },
      log,
    );
  });
  afterAll(() => test.dispose());

  const states: Record<string, (c: Dialogue) => Promise<unknown>> = {
    'before sign-in': async () => undefined,
    'signed in': (c) => c.ok(`LOGIN ${HUNG} "${PASSWORD}"`),
    selected: async (c) => {
      await c.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
      await c.ok('APPEND INBOX ', mail('fuzz'));
      await c.ok('SELECT INBOX');
    },
    'selected with all extensions': async (c) => {
      await c.ok(`LOGIN ${HUNG} "${PASSWORD}"`);
      await c.ok('ENABLE QRESYNC UTF8=ACCEPT IMAP4rev2');
      await c.ok('APPEND INBOX ', mail('fuzz'));
      await c.ok('SELECT INBOX');
    },
  };

  it.each(Object.keys(states))(
    '%s: are answered or end the connection',
    async (state) => {
      const next = random(SEED * 1000 + state.length).next;
      let c: Dialogue | undefined;
      for (let round = 0; round < ROUNDS + KEPT.length; round++) {
        if (!c || c.ended) {
          c = await test.stranger();
          await states[state]?.(c);
        }
        const command = KEPT[round] ?? mutate(SEEDS[Math.floor(next() * SEEDS.length)] ?? '', next);
        // Whatever it was: the rest of a literal, then a command that must be answered, unless the server has closed.
        c.raw(`f${round} ${command}\r\n`);
        c.raw(`\r\nDONE\r\n${REST}g${round} NOOP\r\n`);
        const { status } = await c.until(`g${round}`);
        if (status === 'BYE') {
          c.close();
          c = undefined;
        } else if (status !== 'OK') throw new Error(`${JSON.stringify(command)}: ${status}`);
      }
      expect(faults).toEqual([]);
    },
    30_000 + ROUNDS * 20,
  );

  it('leave a store that is whole and a server that serves', async () => {
    expect(await test.findings()).toEqual([]);
    const c = await test.client();
    await c.ok('SELECT INBOX');
  });
});
