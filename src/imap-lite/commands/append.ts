/**
 * APPEND (RFC 9051 §6.3.12; UIDPLUS; several messages of RFC 3502; literal8 of RFC 3516 and the UTF8 wrapping of RFC 6855 §4).
 * `C: a APPEND Sent (\Seen) {310+}` — `S: a OK [APPENDUID 38505 3955] stored`.
 */
import { no } from '../errors.ts';
import { flagsOf } from '../flags.ts';
import type { NewMessage } from '../store.ts';
import { expectAppendArgs, type AppendArgs, type AppendMessage } from '../wire/append-args.ts';
import { expectSpace } from '../wire/cursor.ts';
import { printNumbers } from '../wire/sequence-set.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

export const append: Command = command<AppendArgs>({
  name: 'APPEND',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAppendArgs(c);
  },
  async run(session, { name, messages }) {
    const target = await session.existing(name, 'TRYCREATE');
    const most = session.settings.appendMessages;
    if (messages.length > most) throw no(`at most ${most} messages in one APPEND`, 'LIMIT');
    const { uids, uidValidity } = await session.store.append(target, messages.map(newMessage));
    if (session.selected) session.selected.stale = true;
    return { responseCode: `APPENDUID ${uidValidity} ${printNumbers(uids)}`, text: 'stored' };
  },
});

function newMessage({ flags, receivedAt, message: { bytes } }: AppendMessage): NewMessage {
  // RFC 3502 §6.3.11: the client gives up by a message of no octets; none is stored.
  if (bytes.length === 0) throw no('an empty message is no message');
  // A stored NUL could never be fetched as BODY[]: literals may not hold one (RFC 9051 §9, CHAR8).
  if (bytes.includes(0)) throw no('the message holds NUL octets', 'UNKNOWN-CTE');
  return { bytes, flags: flagsOf(flags), receivedAt };
}
