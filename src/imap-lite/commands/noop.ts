/** NOOP (RFC 9051 §6.1.2) and CHECK (RFC 3501 §6.4.1): the news are told after every command; what was acknowledged is on disk. */
import type { Session } from '../session.ts';
import { ANY, command, looksInSelected, nothing, SELECTED, type Command } from './command.ts';

/** Who polls hears of what other processes did, even before their notice came. */
const look = async ({ selected }: Session): Promise<void> => {
  if (selected) selected.stale = true;
};

export const noop: Command = command({
  name: 'NOOP',
  states: ANY,
  looksForMail: looksInSelected,
  parse: nothing,
  run: look,
});
export const check: Command = command({ name: 'CHECK', states: SELECTED, parse: nothing, run: look });
