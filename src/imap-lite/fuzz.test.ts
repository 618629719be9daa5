/** Mutated commands in each state, the same ones in every run: the server answers or closes, and never breaks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { createLog } from '../base/log.ts';
import { Writable } from 'node:stream';
import type { Dialogue } from './testing/dialogue.ts';
import { HUNG, mail, PASSWORD, startServer, type TestServer } from './testing/setup.ts';

const SEEDS: readonly string[] = [
  'CAPABILITY',
  'NOOP',
  'ID ("name" "x" "v" NIL)',
  'ID NIL',
  'ENABLE CONDSTORE QRESYNC',
  'NAMESPACE',
  `LOGIN nobody@x.vn "secret"`,
  'AUTHENTICATE PLAIN AGEAYg==',
  'LOGIN {3+}\r\nabc {1+}\r\nx',
  'SELECT INBOX (CONDSTORE)',
  'EXAMINE "Th&AbA- &AREA4w- g&Hu0-i"',
  'SELECT INBOX (QRESYNC (1 2 1:5 (1:2 3:4)))',
  'CREATE a/b/c',
  'DELETE a',
  'RENAME a b',
  'SUBSCRIBE INBOX',
  'LSUB "" "%"',
  'LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX "a/*") RETURN (CHILDREN STATUS (MESSAGES SIZE))',
  'STATUS INBOX (MESSAGES UIDNEXT HIGHESTMODSEQ)',
  `APPEND INBOX (\\Seen) "12-Jan-2026 08:00:00 +0700" {${Buffer.byteLength(mail('x'))}+}\r\n${mail('x')}`,
  'FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[1.2.HEADER.FIELDS (A B)]<0.100> BINARY.SIZE[1] PREVIEW (LAZY)) (CHANGEDSINCE 5)',
  'UID FETCH 1,2:* (BODY[TEXT] MODSEQ)',
  'STORE 1 (UNCHANGEDSINCE 9) +FLAGS.SILENT (\\Seen $x)',
  'UID STORE $ FLAGS ()',
  'SEARCH RETURN (MIN MAX SAVE) CHARSET UTF-8 OR (NOT SEEN 1:*) HEADER "x" "" SINCE 1-Feb-2026 BODY "c\u00f4ng"',
  'UID SEARCH MODSEQ "/flags/x" all 3 UID 1:5 LARGER 10',
  'COPY 1 Archive',
  'UID MOVE 1:2 INBOX',
  'UID EXPUNGE 1:*',
  'EXPUNGE',
  'CHECK',
  'CLOSE',
  'UNSELECT',
];
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

/** mulberry32 */
function random(seed: number): () => number {
  let s = seed;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

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
  const faults: string[] = [];
  beforeAll(async () => {
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        faults.push(chunk.toString());
        done();
      },
    });
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
      createLog('error', sink),
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

  it.each(Object.keys(states))('%s: are answered or end the connection', async (state) => {
    const next = random(state.length);
    let c: Dialogue | undefined;
    for (let round = 0; round < 300; round++) {
      if (!c || c.ended) {
        c = await test.stranger();
        await states[state]?.(c);
      }
      const command = mutate(SEEDS[Math.floor(next() * SEEDS.length)] ?? '', next);
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
  });

  it('leave a store that is whole and a server that serves', async () => {
    expect(await test.findings()).toEqual([]);
    const c = await test.client();
    await c.ok('SELECT INBOX');
  });
});
