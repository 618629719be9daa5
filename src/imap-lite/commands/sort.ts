/**
 * SORT, UID SORT (RFC 5256 §3; display keys of RFC 5957; MODSEQ of RFC 7162 §3.1.6).
 * `C: a SORT (SUBJECT REVERSE DATE) UTF-8 ALL` — `S: * SORT 5 3 4 1 2` — `S: a OK …`.
 */
import { highestModseq, search } from '../search/run.ts';
import { inOrder } from '../sort/order.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectSortArgs, type SortArgs } from '../wire/sort-args.ts';
import { command, SELECTED, type Command } from './command.ts';
import { expectKnownCharset, numbersOf, usesModseq, usesNumbers } from './search.ts';

export const sort: Command = command<SortArgs>({
  name: 'SORT',
  states: SELECTED,
  uid: true,
  // RFC 5256 §3: message numbers stay as they are while SORT is answered.
  expungeAllowed: ({ key }, { byUid }) => byUid && !usesNumbers(key),
  parse(c) {
    expectSpace(c);
    return expectSortArgs(c);
  },
  async run(session, { charset, key, criteria }, { byUid }) {
    expectKnownCharset(charset);
    const modseq = usesModseq(key);
    if (modseq) session.turnOnCondstore();
    const found = await search(session, key);
    const mark = modseq && found.length > 0 ? ` (MODSEQ ${await highestModseq(session, found)})` : '';
    const numbers = numbersOf(session, await inOrder(session, found, criteria), byUid);
    session.out.line(`* SORT${numbers.length > 0 ? ` ${numbers.join(' ')}` : ''}${mark}`);
    return { text: 'sorted' };
  },
});
