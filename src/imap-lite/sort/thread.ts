/** THREAD=ORDEREDSUBJECT and THREAD=REFERENCES (RFC 5256 §3) on what they need of messages. No recursion: a thread may be as deep as a mailbox is large. */
import { SOME, sortInTurns, type Turn } from '../../base/turns.ts';

/** Of a message; two are the same or they are not, and nothing else is looked at. */
export type Id = string | number;

export interface Threadable {
  /** Message number or UID; also the order of messages sent at the same time. */
  number: number;
  date: number;
  /** Collation key of the base subject; "" when there is none. */
  subject: string;
  replyOrForward: boolean;
  messageId: Id | undefined;
  /** Oldest first; the ids of References, or else the first of In-Reply-To. */
  references: readonly Id[];
}

/** A message, or a place for one that is not here (RFC 5256: dummy). */
export interface Thread {
  message?: Threadable | undefined;
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
  let text = '';
  let done = 0;
  const waiting: (Thread | ')')[] = threads.toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (done++ % SOME === 0) await turn();
    if (next === ')') {
      text += ')';
      continue;
    }
    const line = printLine(next);
    text += line.text;
    if (line.branches.length === 0) text += ')';
    else waiting.push(')');
    for (const branch of line.branches.toReversed()) waiting.push(branch);
  }
  return text;
}

/** One message after another down to where the thread branches or ends. */
function printLine(thread: Thread): { text: string; branches: readonly Thread[] } {
  let text = '(';
  let at = thread;
  for (;;) {
    if (at.message) text += String(at.message.number);
    const [only] = at.children;
    if (at.message && only) text += ' ';
    if (!only || at.children.length > 1) return { text, branches: at.children };
    at = only;
  }
}
