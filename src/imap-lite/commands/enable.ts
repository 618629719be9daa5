/** ENABLE (RFC 9051 §6.3.1). `C: a ENABLE CONDSTORE` — `S: * ENABLED CONDSTORE`. */
import { char, expectSpace } from '../wire/cursor.ts';
import { expectAtom } from '../wire/strings.ts';
import { AUTHENTICATED, command, looksForNothing, type Command } from './command.ts';

const KNOWN = ['CONDSTORE', 'QRESYNC', 'UTF8=ACCEPT', 'IMAP4REV2'];

export const enable: Command = command({
  name: 'ENABLE',
  states: AUTHENTICATED,
  looksForMail: looksForNothing,
  parse(c) {
    expectSpace(c);
    const names: string[] = [];
    do names.push(expectAtom(c).toUpperCase());
    while (char(c, ' '));
    return names;
  },
  async run(session, names) {
    const wanted = [...new Set(names)].filter((n) => KNOWN.includes(n) && !session.enabled.has(n));
    // RFC 7162 §3.2.3: QRESYNC brings CONDSTORE.
    if (wanted.includes('CONDSTORE') || wanted.includes('QRESYNC')) session.turnOnCondstore();
    for (const name of wanted) session.enabled.add(name);
    session.out.line(['* ENABLED', ...wanted.map((n) => (n === 'IMAP4REV2' ? 'IMAP4rev2' : n))].join(' '));
  },
});
