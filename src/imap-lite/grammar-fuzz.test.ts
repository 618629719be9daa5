/**
 * Good commands of every kind at random, in bursts, cut anywhere, from two clients in the same mailboxes: every answer is good
 * grammar, comes once and in turn, message numbers stay those that were told, and the store stays whole.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { random } from '../base/testing/random.ts';
import { bodySection } from '../message/content.ts';
import { parseMessage } from '../message/parse.ts';
import { allParts } from '../message/testing/invariants.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { faultLog } from './testing/faults.ts';
import { commandOf } from './testing/fuzz/commands.ts';
import { Observer } from './testing/fuzz/observer.ts';
import { startServer, type TestServer } from './testing/setup.ts';

/** FUZZ_ROUNDS=5000 FUZZ_SEED=7 npm test -- src/imap-lite/grammar-fuzz.test.ts: more of them, others. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 40);
const SEED = Number(process.env['FUZZ_SEED'] ?? 0);
/** Of each mailbox so many are looked at closely. */
const MESSAGES = Math.ceil(ROUNDS / 10);

const kinds = [
  { kind: 'IMAP4rev1', enable: '', compress: false },
  { kind: 'UTF8=ACCEPT and CONDSTORE, compressed', enable: 'ENABLE UTF8=ACCEPT CONDSTORE', compress: true },
  { kind: 'IMAP4rev2 and QRESYNC', enable: 'ENABLE IMAP4rev2 QRESYNC', compress: false },
];

describe.each(dialects)('good commands at random ($dialect)', ({ dialect, open }) => {
  let test: TestServer;
  const { faults, log } = faultLog();
  beforeAll(async () => {
    test = await startServer(open, { badCommands: 1e6, connectionsPerUser: 1000 }, log);
  });
  afterAll(() => test.dispose());

  it.each(kinds)(
    '$kind: are answered in good grammar, once and in turn',
    async ({ kind, enable, compress }) => {
      const dice = random(SEED * 1000 + kind.length + dialect.length * 100);
      const connect = async (): Promise<Observer> => {
        const client = await test.client();
        if (enable !== '') await client.ok(enable);
        if (compress) await client.compress();
        const rev2 = enable.includes('IMAP4rev2');
        const observer = new Observer(client, { utf8: rev2 || compress, qresync: enable.includes('QRESYNC') });
        await observer.burst(['SELECT INBOX'], dice);
        return observer;
      };
      const clients = [await connect(), await connect()];
      for (let round = 0; round < ROUNDS; round++) {
        const at = dice.int(clients.length);
        const client = clients[at] ?? (await connect());
        const commands = Array.from({ length: 1 + dice.int(6) }, () => commandOf(dice, client.isSelected));
        const answers = await client.burst(commands, dice).catch((cause: unknown) => {
          throw new Error(`round ${round}: ${JSON.stringify(commands)}`, { cause });
        });
        const last = answers.at(-1);
        if (last?.status !== 'BYE') continue;
        // Another client took the mailbox away.
        expect(last.text).toBe('* BYE [UNAVAILABLE] the mailbox was deleted');
        clients[at] = await connect();
      }
      expect(faults).toEqual([]);
    },
    60_000 + ROUNDS * 100,
  );

  it(
    'leave messages whose sections and pieces add up',
    async () => {
      const c = await test.client();
      c.octets = true;
      for (const name of ['INBOX', 'f1', 'f3']) {
        if ((await c.run(`SELECT ${name}`)).status !== 'OK') continue;
        const numbers = (await c.ok('SEARCH ALL')).join(' ').match(/\d+/g) ?? [];
        for (const number of numbers.slice(-MESSAGES)) await expectWhole(c, Number(number));
      }
    },
    60_000 + MESSAGES * 1000,
  );

  it('leave a store that is whole', async () => {
    expect(await test.findings()).toEqual([]);
  });
});

async function fetched(c: Dialogue, number: number, section: string, partial = ''): Promise<Buffer | undefined> {
  const answer = (await c.ok(`FETCH ${number} BODY.PEEK[${section}]${partial}`)).join('\r\n');
  const [, size, rest = ''] = /\{(\d+)\}\r\n([^]*)\)$/.exec(answer) ?? [];
  if (size === undefined) return undefined;
  expect(rest.length).toBe(Number(size));
  return Buffer.from(rest, 'latin1');
}

async function expectWhole(c: Dialogue, number: number): Promise<void> {
  const whole = (await fetched(c, number, '')) ?? Buffer.alloc(0);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 400)
    pieces.push((await fetched(c, number, '', `<${at}.400>`)) ?? Buffer.alloc(0));
  expect(Buffer.concat(pieces)).toEqual(whole);
  const { root } = parseMessage(whole);
  for (const path of ['', ...allParts(root).map((part) => part.path)].slice(0, 8)) {
    for (const kind of ['all', 'mime', 'header', 'text'] as const) {
      // BODY[MIME] is no section.
      if (path === '' && kind === 'mime') continue;
      const section = [path, kind === 'all' ? '' : kind.toUpperCase()].filter((word) => word !== '').join('.');
      const expected = bodySection(whole, root, { path, kind });
      expect(await fetched(c, number, section), section).toEqual(expected && Buffer.from(expected));
    }
  }
}
