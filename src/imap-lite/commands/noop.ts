/** NOOP (RFC 9051 §6.1.2) and CHECK (RFC 3501 §6.4.1): the news are told after every command; what was acknowledged is on disk. */
import { ANY, command, nothing, SELECTED, type Command } from './command.ts';

export const noop: Command = command({ name: 'NOOP', states: ANY, parse: nothing, run: async () => undefined });
export const check: Command = command({ name: 'CHECK', states: SELECTED, parse: nothing, run: async () => undefined });
