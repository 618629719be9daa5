/**
 * LIST (RFC 9051 §6.3.9: extended, with STATUS, CHILDREN, SPECIAL-USE) and LSUB (RFC 3501 §6.3.9).
 * `C: a LIST (SUBSCRIBED) "" "*" RETURN (CHILDREN)` — `S: * LIST (\Subscribed \HasNoChildren) "/" INBOX`.
 */
import type { Session } from '../session.ts';
import type { NamedMailbox } from '../store.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectListArgs, type ListArgs } from '../wire/list-args.ts';
import { expectListMailbox } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';
import { tellList, useOf } from './list-line.ts';
import { tellStatus } from './status.ts';

export const list: Command = command<ListArgs>({
  name: 'LIST',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectListArgs(c);
  },
  async run(session, args) {
    // RFC 9051 §6.3.9: an empty name asks for the delimiter only.
    if (!args.extended && args.patterns[0] === '') {
      session.out.line('* LIST (\\Noselect) "/" ""');
      return;
    }
    const everything = await session.store.mailboxes();
    // RFC 5258 §3: among several patterns, or with options, an empty one matches nothing.
    const fits = matching(
      session,
      args.reference,
      args.patterns.filter((p) => p !== ''),
    );
    const criteria = args.select.filter((s) => s === 'SUBSCRIBED' || s === 'SPECIAL-USE');
    const recursive = args.select.includes('RECURSIVEMATCH');
    for (const mailbox of everything) {
      if (!fits(mailbox.name)) continue;
      const chosen = isChosen(mailbox, args);
      // RFC 9051 §6.3.9.6: one that is not chosen itself is told only for what is not told anyway.
      const below =
        recursive && everything.some((m) => isBelow(m, mailbox) && isChosen(m, args) && (chosen || !fits(m.name)));
      if (!chosen && !below) continue;
      tellList(session, mailbox, {
        subscribed: args.returns.subscribed || args.select.includes('SUBSCRIBED'),
        children: below ? [...new Set(criteria)] : [],
      });
      if (args.returns.status) await tellStatus(session, mailbox, args.returns.status);
      if (session.out.shouldFlush) await session.out.flush();
    }
  },
});

/** RFC 9051 §6.3.9: a pattern that can be no name is good, and matches nothing. */
function matching(session: Session, reference: string, patterns: readonly string[]): (name: string) => boolean {
  const above = session.readName(reference);
  const names = patterns.flatMap((p) => session.readName(p) ?? []);
  return matcher(above === undefined ? [] : names.map((name) => above + name));
}

const isBelow = (m: NamedMailbox, above: NamedMailbox): boolean => m.name.startsWith(`${above.name}/`);

function isChosen(m: NamedMailbox, { select }: ListArgs): boolean {
  return (
    (!select.includes('SUBSCRIBED') || m.subscribed) && (!select.includes('SPECIAL-USE') || useOf(m) !== undefined)
  );
}

/** "*" stands for anything, "%" for anything within a level; INBOX is the same in any case. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const parsed = patterns.map((p) =>
    p
      .normalize('NFC')
      .replace(/^inbox(?=$|\/)/i, 'INBOX')
      .replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%')),
  );
  return (name) => parsed.some((p) => wild(p, name));
}

/** In time of pattern × name, whatever the stars: no regular expression of a stranger's making. */
function wild(pattern: string, name: string): boolean {
  let here = new Array<boolean>(name.length + 1).fill(false);
  here[0] = true;
  for (const symbol of pattern) {
    const next = new Array<boolean>(name.length + 1).fill(false);
    for (let i = 0; i <= name.length; i++) {
      if (symbol === '*' || symbol === '%')
        next[i] = here[i] === true || (i > 0 && next[i - 1] === true && (symbol === '*' || name[i - 1] !== '/'));
      else if (here[i] && name.startsWith(symbol, i)) next[i + symbol.length] = true;
    }
    here = next;
  }
  return here[name.length] === true;
}

export const lsub: Command = command({
  name: 'LSUB',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    const reference = expectListMailbox(c);
    expectSpace(c);
    return { reference, pattern: expectListMailbox(c) };
  },
  async run(session, { reference, pattern }) {
    const fits = matching(session, reference, [pattern]);
    const everything = await session.store.mailboxes();
    for (const m of everything.filter((e) => fits(e.name))) {
      if (m.subscribed) tellLsub(session, m, m.ref ? '' : '\\Noselect');
      // RFC 3501 §6.3.9: "%" shows the level above a subscribed name, marked.
      else if (everything.some((e) => e.subscribed && isBelow(e, m) && !fits(e.name)))
        tellLsub(session, m, '\\Noselect');
    }
  },
});

const tellLsub = (session: Session, { name }: NamedMailbox, attribute: string): void =>
  session.out.line(`* LSUB (${attribute}) "/" ${session.printName(name)}`);
