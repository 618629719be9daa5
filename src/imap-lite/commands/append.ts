/**
 * APPEND (RFC 9051 §6.3.12; UIDPLUS; literal8 of RFC 3516 and the UTF8 wrapping of RFC 6855 §4).
 * `C: a APPEND Sent (\Seen) {310+}` — `S: a OK [APPENDUID 38505 3955] stored`.
 */
import { no } from '../errors.ts';
import { flagsOf } from '../flags.ts';
import { char, type Cursor, expectChar, expectSpace, list, word } from '../wire/cursor.ts';
import { dateTime, expectAstring, expectFlag, literal, type Literal } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

interface Args {
  name: string;
  flags: string[];
  receivedAt: number | undefined;
  message: Literal;
}

function expectMessage(c: Cursor): Literal {
  if (!word(c, 'UTF8')) return literal(c) ?? c.fail('a literal');
  expectSpace(c);
  expectChar(c, '(');
  const message = literal(c) ?? c.fail('a literal');
  expectChar(c, ')');
  return message;
}

export const append: Command = command<Args>({
  name: 'APPEND',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    const name = expectAstring(c);
    expectSpace(c);
    const flags = list(c, expectFlag, true);
    if (flags) expectSpace(c);
    const receivedAt = dateTime(c);
    if (receivedAt !== undefined) expectSpace(c);
    const message = expectMessage(c);
    if (char(c, ' ')) c.fail('one message per APPEND');
    return { name, flags: flags ?? [], receivedAt, message };
  },
  async run(session, { name, flags, receivedAt, message }) {
    const target = await session.existing(name, 'TRYCREATE');
    if (message.bytes.length === 0) throw no('an empty message is no message');
    // A stored NUL could never be fetched as BODY[]: literals may not hold one (RFC 9051 §9, CHAR8).
    if (message.bytes.includes(0)) throw no('the message holds NUL octets', 'UNKNOWN-CTE');
    const { uid, uidValidity } = await session.store.append(target.ref, message.bytes, flagsOf(flags), receivedAt);
    if (session.selected) session.selected.stale = true;
    return { responseCode: `APPENDUID ${uidValidity} ${uid}`, text: 'stored' };
  },
});
