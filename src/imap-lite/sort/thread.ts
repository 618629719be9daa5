/** THREAD=ORDEREDSUBJECT and THREAD=REFERENCES (RFC 5256 §3) on what they need of messages. No recursion: a thread may be as deep as a mailbox is large. */
import { SOME, sortInTurns, type Turn } from '../../base/turns.ts';

export interface Threadable {
  /** Message number or UID; also the order of messages sent at the same time. */
  number: number;
  date: number;
  /** Collation key of the base subject; "" when there is none. */
  subject: string;
  replyOrForward: boolean;
  messageId: string | undefined;
  /** Oldest first; the ids of References, or else the first of In-Reply-To. */
  references: readonly string[];
}

/** A message, or a place for one that is not here (RFC 5256: dummy). */
export interface Thread {
  message?: Threadable;
  children: Thread[];
}

export const byDate = (a: Threadable, b: Threadable): number => a.date - b.date || a.number - b.number;

/** The first of each subject; all others of it are its children. */
export async function orderedSubject(messages: readonly Threadable[], turn: Turn): Promise<Thread[]> {
  const bySubject = new Map<string, Thread>();
  for (const message of await sortInTurns(messages, byDate, turn)) {
    const first = bySubject.get(message.subject);
    if (first) first.children.push({ message, children: [] });
    else bySubject.set(message.subject, { message, children: [] });
  }
  return [...bySubject.values()];
}

/** thread-list of the response: "(2)(3 6 (4 23)(44 7 96))". */
export async function printThreads(threads: readonly Thread[], turn: Turn): Promise<string> {
  const out: string[] = [];
  const waiting: (Thread | ')')[] = threads.toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (waiting.length % SOME === 0) await turn();
    if (next === ')') out.push(')');
    else {
      const branches = printLine(next, out);
      waiting.push(')');
      for (const branch of branches.toReversed()) waiting.push(branch);
    }
  }
  return out.join('');
}

/** One message after another down to where the thread branches or ends. @returns the branches. */
function printLine(thread: Thread, out: string[]): readonly Thread[] {
  out.push('(');
  let at = thread;
  for (;;) {
    if (at.message) out.push(String(at.message.number));
    const [only] = at.children;
    if (at.message && only) out.push(' ');
    if (!only || at.children.length > 1) return at.children;
    at = only;
  }
}
