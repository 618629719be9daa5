/** What every file of this folder gives: how to read one command and how to do it. */
import type { Session, State } from '../session.ts';
import type { Cursor } from '../wire/cursor.ts';

/** The tagged OK; `responseCode` stands in brackets before the text. */
export interface Done {
  text?: string;
  responseCode?: string;
}

export interface Asked {
  /** Sent with UID before it. */
  byUid: boolean;
}

/** A command that was read and waits to be done. */
export interface Bound {
  run(session: Session): Promise<Done | void>;
  /** RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH by number is answered. */
  expungeAllowed: boolean;
}

export interface Command {
  readonly name: string;
  readonly states: readonly State[];
  /** May stand after UID. */
  readonly uid: boolean;
  /** Reads the arguments up to the end of the command. @throws SyntaxProblem */
  bind(c: Cursor, asked: Asked): Bound;
}

export interface CommandParts<A> {
  name: string;
  states: readonly State[];
  uid?: boolean;
  /** False: no expunge may be told in the form without UID. */
  expungeAllowed?: boolean;
  parse(c: Cursor, asked: Asked): A;
  run(session: Session, args: A, asked: Asked): Promise<Done | void>;
}

export function command<A>({ name, states, uid = false, expungeAllowed = true, parse, run }: CommandParts<A>): Command {
  return {
    name,
    states,
    uid,
    bind(c, asked) {
      const args = parse(c, asked);
      return { run: (session) => run(session, args, asked), expungeAllowed: expungeAllowed || asked.byUid };
    },
  };
}

export const ANY: readonly State[] = ['notAuthenticated', 'authenticated', 'selected'];
export const BEFORE: readonly State[] = ['notAuthenticated'];
export const AUTHENTICATED: readonly State[] = ['authenticated', 'selected'];
export const SELECTED: readonly State[] = ['selected'];

/** For commands without arguments. */
export const nothing = (): undefined => undefined;
