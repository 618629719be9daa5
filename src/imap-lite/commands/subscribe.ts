/**
 * SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8). `C: a SUBSCRIBE #news` — `S: a OK …`. A name must exist to be subscribed; one
 * that is gone is subscribed no more.
 */
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

const one = (name: 'SUBSCRIBE' | 'UNSUBSCRIBE'): Command =>
  command({
    name,
    states: AUTHENTICATED,
    parse(c) {
      expectSpace(c);
      return expectAstring(c);
    },
    async run(session, sent) {
      await session.store.subscribe(session.mailboxName(sent), name === 'SUBSCRIBE');
    },
  });

export const subscribe: Command = one('SUBSCRIBE');
export const unsubscribe: Command = one('UNSUBSCRIBE');
