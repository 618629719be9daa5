/** CLOSE, UNSELECT (RFC 9051 §6.4.1, §6.4.2). CLOSE removes \Deleted messages silently, unless opened by EXAMINE. */
import { command, nothing, SELECTED, type Command, looksForNothing } from './command.ts';

export const close: Command = command({
  name: 'CLOSE',
  states: SELECTED,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    const { view } = session;
    if (!view.readOnly) await session.store.expunge(view.ref);
    session.leave();
  },
});

export const unselect: Command = command({
  name: 'UNSELECT',
  states: SELECTED,
  looksForMail: looksForNothing,
  parse: nothing,
  async run(session) {
    session.leave();
  },
});
