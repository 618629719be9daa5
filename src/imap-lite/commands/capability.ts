/** CAPABILITY (RFC 9051 §6.1.1). `C: a CAPABILITY` — `S: * CAPABILITY IMAP4rev1 IMAP4rev2 …`. */
import type { Session } from '../session.ts';
import { ANY, command, looksForNothing, nothing, type Command } from './command.ts';

/** Works in every state. LITERAL+ includes LITERAL- (RFC 7888 §5: only one of them is named). */
const ALWAYS = 'IMAP4rev1 IMAP4rev2 SASL-IR LITERAL+ ID ENABLE';
const AFTER =
  'NAMESPACE UNSELECT UIDPLUS MOVE IDLE CHILDREN SPECIAL-USE LIST-EXTENDED LIST-STATUS ESEARCH SEARCHRES WITHIN CONDSTORE QRESYNC BINARY OBJECTID PREVIEW STATUS=SIZE UTF8=ACCEPT SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES QUOTA QUOTA=RES-STORAGE MULTIAPPEND CREATE-SPECIAL-USE SAVEDATE ACL RIGHTS=texk INPROGRESS';

/** RFC 9051 §6.2.3: LOGINDISABLED as long as a password would go in clear. */
export const passwordAllowed = ({ wire, settings }: Session): boolean =>
  wire.secure || (wire.loopback && settings.allowPlainOnLoopback);

export function capabilities(session: Session): string {
  if (session.state !== 'notAuthenticated') {
    const compress = session.wire.compressing ? '' : ' COMPRESS=DEFLATE';
    const jmap = session.wire.jmapUrl === undefined ? '' : ' JMAPACCESS';
    return `${ALWAYS} ${AFTER}${compress}${jmap} APPENDLIMIT=${session.settings.appendBytes}`;
  }
  const tls = !session.wire.secure && session.wire.tlsReady ? ' STARTTLS' : '';
  return (
    ALWAYS +
    tls +
    (passwordAllowed(session) ? ` AUTH=PLAIN${session.wire.tokens ? ' AUTH=OAUTHBEARER' : ''}` : ' LOGINDISABLED')
  );
}

export const capability: Command = command({
  name: 'CAPABILITY',
  states: ANY,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    session.out.line(`* CAPABILITY ${capabilities(session)}`);
  },
});
