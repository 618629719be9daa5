import type { JSX } from 'react';
import { Link } from 'wouter';
import { Icon, type IconNode } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { number } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Archive, Ban, Building, FilePenLine, Folder, Inbox, Send, Star, Trash } from '../../../lib/icons.ts';
import { useHub, useMailStore } from '../../../lib/jmap/hub.ts';
import type { Mailbox, Role } from '../../../lib/jmap/types.ts';
import { useSession } from '../../../lib/session.ts';
import { byRole, placePath, sortMailboxes, STARRED, type Place } from '../place.ts';
import css from './folder-list.module.css';

const icons: Record<Role, IconNode> = {
  inbox: Inbox,
  drafts: FilePenLine,
  sent: Send,
  archive: Archive,
  junk: Ban,
  trash: Trash,
};
export const folderIcon = (role: Role | null): IconNode => (role ? icons[role] : Folder);
/** Role folders bear the interface's words, others the official's own. */
export function folderName(mailbox: Pick<Mailbox, 'role' | 'name'>): string {
  return mailbox.role ? t(`folder.${mailbox.role}`) : mailbox.name;
}

interface EntryProps {
  icon: IconNode;
  name: string;
  href: string;
  on: boolean;
  count?: number;
  inset?: boolean;
}
function Entry({ icon, name, href, on, count = 0, inset }: EntryProps): JSX.Element {
  return (
    <Link
      href={href}
      className={`${css['entry']} ${on ? css['on'] : ''} ${inset ? css['inset'] : ''}`}
      aria-current={on ? 'page' : undefined}
    >
      <Icon of={icon} />
      <span className="cut">{name}</span>
      {count > 0 && (
        <span className={css['count']}>
          {number(count)}
          <span className="sr"> {t('mail.unread')}</span>
        </span>
      )}
    </Link>
  );
}

/** Drafts count all, other folders what is unread. */
const countOf = (mailbox: Mailbox): number =>
  mailbox.role === 'drafts'
    ? mailbox.totalEmails
    : mailbox.role === 'sent' || mailbox.role === 'trash'
      ? 0
      : mailbox.unreadEmails;

function AccountFolders({
  accountId,
  place,
  inset,
}: {
  accountId: string;
  place: Place;
  inset?: boolean;
}): JSX.Element {
  const store = useMailStore(accountId);
  const here = place.accountId === accountId && !place.q;
  if (!store.loaded) return <Skeleton lines={6} />;
  const sorted = sortMailboxes(store.mailboxes.values());
  const entry = (mailbox: Mailbox): JSX.Element => (
    <Entry
      key={mailbox.id}
      icon={folderIcon(mailbox.role)}
      name={folderName(mailbox)}
      href={placePath({ accountId, mailboxId: mailbox.id })}
      on={here && place.mailboxId === mailbox.id}
      count={countOf(mailbox)}
      inset={inset ?? false}
    />
  );
  return (
    <>
      {sorted.slice(0, 1).map(entry)}
      <Entry
        icon={Star}
        name={t('folder.starred')}
        href={placePath({ accountId, mailboxId: STARRED })}
        on={here && place.mailboxId === STARRED}
        inset={inset ?? false}
      />
      {sorted.slice(1).map(entry)}
    </>
  );
}

function UnitAccount({ accountId, name, place }: { accountId: string; name: string; place: Place }): JSX.Element {
  const store = useMailStore(accountId);
  const inbox = byRole(store.mailboxes, 'inbox');
  const open = place.accountId === accountId;
  return (
    <>
      <Entry
        icon={Building}
        name={name}
        href={placePath({ accountId, mailboxId: inbox?.id ?? 'inbox' })}
        on={false}
        count={inbox?.unreadEmails ?? 0}
      />
      {open && <AccountFolders accountId={accountId} place={place} inset />}
    </>
  );
}

export function FolderList({ place }: { place: Place }): JSX.Element {
  const hub = useHub();
  const session = useSession();
  const others = session.accounts.filter(({ accountId }) => accountId !== hub.primary && hub.accounts.has(accountId));
  return (
    <nav aria-label={t('mail.folders')} className={css['list']}>
      <AccountFolders accountId={hub.primary} place={place} />
      {others.length > 0 && <h2 className={css['heading']}>{t('mail.unitMailboxes')}</h2>}
      {others.map((account) => (
        <UnitAccount key={account.accountId} accountId={account.accountId} name={account.name} place={place} />
      ))}
    </nav>
  );
}
