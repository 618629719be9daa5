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

/**
 * Where a command asks what mail there is, so that it waits for what was taken for there before it (src/delivery/incoming): the
 * selected mailbox, one by its name as the client sent it, or all of the user's.
 */
export type LooksForMail = 'nowhere' | 'selected' | 'anywhere' | { readonly mailbox: string };

/** A command that was read and waits to be done. */
export interface Bound {
  run(session: Session): Promise<Done | void>;
  /** RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH without UID is answered. */
  expungeAllowed: boolean;
  looksForMail: LooksForMail;
  /** Begins a group of commands that came together and are done at once; absent where that is not possible. */
  together?(session: Session): Group;
}

/** Called for each command of a group in its order: what to answer, or why not. */
export type Answer = (done: Done | Error) => Promise<void>;

export interface Group {
  /** What it does already with the commands that it has; while that lasts, more of them are waited for. */
  underway?(): Promise<unknown>;
  /** False: the next command does not belong to it. */
  add(next: Bound): boolean;
  /** All of them, or none: when it throws before the first answer, nothing has changed. */
  run(session: Session, answer: Answer): Promise<void>;
}

export interface Command {
  readonly name: string;
  readonly states: readonly State[];
  /** May stand after UID. */
  readonly uid: boolean;
  /** Reads the arguments up to the end of the command. @throws SyntaxProblem */
  bind(c: Cursor, asked: Asked): Bound;
}

export interface CommandParts<A, B = undefined> {
  name: string;
  states: readonly State[];
  uid?: boolean;
  /** False: message numbers must hold until it is answered. */
  expungeAllowed?(args: A, asked: Asked): boolean;
  /** Nowhere: it is about messages and mailboxes that the client knows. Absent: the selected mailbox if it needs one, or all. */
  looksForMail?(args: A): LooksForMail;
  parse(c: Cursor, asked: Asked): A;
  run(session: Session, args: A, asked: Asked): Promise<Done | void>;
  /** May `next` be done together with `first`, and with what came in between? */
  fits?(first: A, next: A, all: readonly Given<A, B>[]): boolean;
  /** Work for one command of a group that changes nothing yet: it goes on while the next commands are read. */
  begin?(session: Session, args: A): Promise<B>;
  runTogether?(session: Session, all: readonly Given<A, B>[], answer: Answer): Promise<void>;
}
export interface Given<A, B = undefined> {
  args: A;
  asked: Asked;
  /** Of `begin`. */
  begun?: Promise<B>;
}

export function command<A, B = undefined>(parts: CommandParts<A, B>): Command {
  const { name, states, uid = false, parse, run, fits, begin, runTogether, expungeAllowed = () => true } = parts;
  const { looksForMail = () => (states === SELECTED ? 'selected' : 'anywhere') } = parts;
  const given = new WeakMap<Bound, Given<A, B>>();
  const group = (session: Session, first: Given<A, B>): Group => {
    const all: Given<A, B>[] = [];
    const join = (one: Given<A, B>): void => {
      const begun = begin?.(session, one.args);
      // Whoever runs the group hears of it.
      begun?.catch(() => undefined);
      all.push(begun ? { ...one, begun } : one);
    };
    join(first);
    return {
      add(next) {
        const more = given.get(next);
        if (!more || !fits?.(first.args, more.args, all)) return false;
        join(more);
        return true;
      },
      ...(begin && { underway: () => Promise.allSettled(all.flatMap(({ begun }) => begun ?? [])) }),
      run: async (_session, answer) => runTogether?.(session, all, answer),
    };
  };
  return {
    name,
    states,
    uid,
    bind(c, asked) {
      const args = parse(c, asked);
      const bound: Bound = {
        run: (session) => run(session, args, asked),
        expungeAllowed: expungeAllowed(args, asked),
        looksForMail: looksForMail(args),
        ...(fits?.(args, args, []) && { together: (session) => group(session, { args, asked }) }),
      };
      if (bound.together) given.set(bound, { args, asked });
      return bound;
    },
  };
}

export const ANY: readonly State[] = ['notAuthenticated', 'authenticated', 'selected'];
export const BEFORE: readonly State[] = ['notAuthenticated'];
export const AUTHENTICATED: readonly State[] = ['authenticated', 'selected'];
export const SELECTED: readonly State[] = ['selected'];

/** For commands that are about what the client knows. */
export const looksForNothing = (): LooksForMail => 'nowhere';

export const looksInSelected = (): LooksForMail => 'selected';

/** RFC 9051 §7.5.1: UID FETCH and UID STORE are other commands than FETCH and STORE. */
export const onlyByUid = (_args: unknown, { byUid }: Asked): boolean => byUid;

/** For commands without arguments. */
export const nothing = (): undefined => undefined;
