/** NAMESPACE (RFC 9051 §6.3.10): personal, other users' (none), shared. */
import { string } from '../wire/print.ts';
import { encodeModifiedUtf7 } from '../wire/modified-utf7.ts';
import { AUTHENTICATED, command, looksForNothing, nothing, type Command } from './command.ts';

export const namespace: Command = command({
  name: 'NAMESPACE',
  states: AUTHENTICATED,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    const { sharedPrefix } = session.store;
    const prefix = session.utf8 ? sharedPrefix : encodeModifiedUtf7(sharedPrefix);
    const shared = (await session.store.hasShared()) ? `((${string(prefix, session.utf8)} "/"))` : 'NIL';
    session.out.line(`* NAMESPACE (("" "/")) NIL ${shared}`);
  },
});
