/** ID (RFC 2971). `C: a ID ("name" "x")` — `S: * ID ("name" "CongVu")`. No version: it would only help an attacker. */
import { char, expectSpace, list } from '../wire/cursor.ts';
import { expectString, nstring } from '../wire/strings.ts';
import { ANY, command, looksForNothing, type Command } from './command.ts';

/** RFC 2971 §3.3: not more than 30 pairs. */
const MOST = 30;

export const id: Command = command({
  name: 'ID',
  states: ANY,
  looksForMail: looksForNothing,
  parse(c) {
    expectSpace(c);
    if (nstring(c) === null) return;
    const pairs =
      list(
        c,
        (d) => {
          expectString(d);
          if (!char(d, ' ')) d.fail('a space');
          if (nstring(d) === undefined) d.fail('a string or NIL');
        },
        true,
      ) ?? c.fail('"(" or NIL');
    if (pairs.length > MOST) c.fail('at most 30 fields');
  },
  async run(session) {
    session.out.line('* ID ("name" "CongVu")');
  },
});
