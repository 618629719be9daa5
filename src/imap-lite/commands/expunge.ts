/** EXPUNGE, UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9). `C: a UID EXPUNGE 3000:3002` — `S: * 3 EXPUNGE` … `S: a OK …`. */
import { expectSpace } from '../wire/cursor.ts';
import { expectSequenceSet } from '../wire/sequence-set.ts';
import { command, SELECTED, type Command, looksForNothing } from './command.ts';

export const expunge: Command = command({
  name: 'EXPUNGE',
  states: SELECTED,
  looksForMail: looksForNothing,
  uid: true,
  parse(c, { byUid }) {
    if (!byUid) return undefined;
    expectSpace(c);
    return expectSequenceSet(c);
  },
  async run(session, set) {
    const view = session.writableView;
    await session.store.expunge(view.ref, set && session.uidsOf(set, true));
    view.stale = true;
    await session.tellNews(true);
    // RFC 7162 §3.2.7: the client then knows up to where its picture reaches.
    return session.condstore ? { responseCode: view.mark, text: 'expunged' } : { text: 'expunged' };
  },
});
