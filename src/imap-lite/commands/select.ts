/**
 * SELECT, EXAMINE (RFC 9051 §6.3.2, §6.3.3), with CONDSTORE and QRESYNC (RFC 7162 §3.1.8, §3.2.5).
 * `C: a SELECT INBOX (CONDSTORE)` — `S: * 3 EXISTS` … `S: a OK [READ-WRITE] …`.
 */
import type { Mailbox } from '../../mailstore/types.ts';
import { flagList } from '../flags.ts';
import { mailboxId } from '../object-id.ts';
import { Selected } from '../selected.ts';
import type { Session } from '../session.ts';
import { last } from '../uids.ts';
import { expectSpace } from '../wire/cursor.ts';
import { bad, no } from '../errors.ts';
import { expectSelectParams, type SelectArgs } from '../wire/list-args.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command, type Done } from './command.ts';
import { tellName } from './list-line.ts';
import { tellQresync } from './qresync.ts';

interface Args extends SelectArgs {
  name: string;
}

const open = (name: 'SELECT' | 'EXAMINE'): Command =>
  command<Args>({
    name,
    states: AUTHENTICATED,
    looksForMail: ({ name }) => ({ mailbox: name }),
    parse(c) {
      expectSpace(c);
      return { name: expectAstring(c), ...expectSelectParams(c) };
    },
    run: (session, args) => select(session, args, name === 'EXAMINE'),
  });

export const selectCommand: Command = open('SELECT');
export const examine: Command = open('EXAMINE');

async function select(session: Session, args: Args, readOnly: boolean): Promise<Done> {
  if (args.qresync && !session.qresync) throw bad('ENABLE QRESYNC first');
  // RFC 9051 §6.3.2: a failed SELECT leaves nothing selected.
  if (session.selected) {
    session.leave();
    session.out.line('* OK [CLOSED] the mailbox before is closed');
  }
  if (args.condstore) session.turnOnCondstore();
  const found = await session.existing(args.name);
  const { store } = session;
  const mailbox = await store.mailbox(found.ref);
  if (!mailbox) throw no('the mailbox is gone', 'NONEXISTENT');
  const view = new Selected({
    ref: found.ref,
    name: found.name,
    readOnly,
    mailbox,
    store,
    rev2: session.rev2,
    onChange: () => session.wire.onChange(),
  });
  try {
    view.fill(await store.picture(found.ref, mailbox), mailbox);
    await tell(session, view, mailbox);
    // RFC 9051 §6.3.2: the LIST answer is required in rev2 only.
    if (session.rev2) await tellName(session, view.name, { oldName: args.name === view.name ? undefined : args.name });
    session.selected = view;
    if (args.qresync) await tellQresync(session, args.qresync);
  } catch (error) {
    view.close();
    session.selected = undefined;
    throw error;
  }
  return { responseCode: readOnly ? 'READ-ONLY' : 'READ-WRITE', text: 'selected' };
}

async function tell(session: Session, view: Selected, { uidNext, unreadEmails }: Mailbox): Promise<void> {
  const { out, rev2, store } = session;
  const flags = flagList(await store.keywords(view.ref.accountId));
  out.line(`* FLAGS (${flags})`);
  out.line(`* ${view.uids.length} EXISTS`);
  if (!rev2) out.line(`* ${view.recentCount} RECENT`);
  const unseen = rev2 || unreadEmails === 0 ? undefined : await store.firstUnseen(view.ref);
  const seq = unseen === undefined ? undefined : view.seqOf(unseen);
  if (seq !== undefined) out.line(`* OK [UNSEEN ${seq}] first unread`);
  out.line(`* OK [PERMANENTFLAGS (${view.readOnly ? '' : `${flags} \\*`})] flags that last`);
  out.line(`* OK [UIDVALIDITY ${view.uidValidity}] uids are valid`);
  out.line(`* OK [UIDNEXT ${Math.max(uidNext, last(view.uids) + 1)}] next uid`);
  out.line(`* OK [${view.mark}] changes up to here`);
  out.line(`* OK [MAILBOXID (${mailboxId(view.ref)})] its id`);
}
