/**
 * GETJMAPACCESS (RFC 9698 §3): where the same mail is to be had over JMAP, with the same ids and the same credentials.
 * `C: a GETJMAPACCESS` — `S: * JMAPACCESS "https://mail.example.vn/jmap/session"` — `S: a OK …`.
 */
import { bad } from '../errors.ts';
import { string } from '../wire/print.ts';
import { AUTHENTICATED, command, looksForNothing, nothing, type Command } from './command.ts';

export const getJmapAccess: Command = command({
  name: 'GETJMAPACCESS',
  states: AUTHENTICATED,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    const { jmapUrl } = session.wire;
    if (jmapUrl === undefined) throw bad('no JMAP server is known here');
    session.out.line(`* JMAPACCESS ${string(jmapUrl, false)}`);
  },
});
