/** One LIST response (RFC 9051 §7.3.1), of LIST itself and of commands that tell how a name is written here. */
import type { Session } from '../session.ts';
import type { NamedMailbox } from '../store.ts';

export const USE = {
  drafts: '\\Drafts',
  sent: '\\Sent',
  archive: '\\Archive',
  junk: '\\Junk',
  trash: '\\Trash',
} as const;

export const useOf = ({ role }: NamedMailbox): string | undefined =>
  role === null || role === 'inbox' ? undefined : USE[role];

export interface ListLine {
  /** Say whether it is subscribed. */
  subscribed?: boolean;
  /** The selection options that something below it fulfils (CHILDINFO, RFC 9051 §6.3.9.6). */
  children?: readonly string[];
  /** OLDNAME (§6.3.9.7). */
  oldName?: string | undefined;
}

export function tellList(session: Session, mailbox: NamedMailbox, line: ListLine = {}): void {
  const { children = [], oldName } = line;
  const extended = [
    ...(children.length > 0 ? [`"CHILDINFO" (${children.map((option) => `"${option}"`).join(' ')})`] : []),
    ...(oldName === undefined ? [] : [`"OLDNAME" (${session.printName(oldName)})`]),
  ];
  const more = extended.length > 0 ? ` (${extended.join(' ')})` : '';
  session.out.line(`* LIST (${attributes(mailbox, line).join(' ')}) "/" ${session.printName(mailbox.name)}${more}`);
}

function attributes(m: NamedMailbox, { subscribed = false }: ListLine): string[] {
  const use = useOf(m);
  return [
    ...(m.ref ? [] : ['\\Noselect']),
    ...(m.subscribed && subscribed ? ['\\Subscribed'] : []),
    m.hasChildren ? '\\HasChildren' : '\\HasNoChildren',
    // RFC 6154 §2: may be told in any LIST; old clients look for it there.
    ...(use ? [use] : []),
  ];
}

/** Of the mailbox that has this name now. */
export async function tellName(session: Session, name: string, line: ListLine = {}): Promise<void> {
  const mailbox = (await session.store.mailboxes()).find((m) => m.name === name);
  if (mailbox) tellList(session, mailbox, line);
}

/** RFC 9051 §5.1: names are composed (NFC) here, however they were sent. Only rev2 has a word for that. */
export const isDecomposed = (session: Session, sent: string): boolean => session.rev2 && sent !== sent.normalize('NFC');
