import { useState, type JSX } from 'react';
import { Fetched } from '../../../components/fetched.tsx';
import { lazily } from '../../../lib/lazily.tsx';
import { Link, useLocation } from 'wouter';
import { Icon, type IconNode } from '../../../components/icon.tsx';
import { Menu, MenuItem } from '../../../components/menu.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { number } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import {
  Archive,
  Ban,
  Building,
  Ellipsis,
  FilePenLine,
  Folder,
  Inbox,
  PenLine,
  Plus,
  Send,
  Star,
  Trash,
} from '../../../lib/icons.ts';
import { useHub, useMailStore } from '../../../lib/jmap/hub.ts';
import { MAIL, type Id, type JmapSession, type Mailbox, type Role } from '../../../lib/jmap/types.ts';
import { useSession } from '../../../lib/session.ts';
import { byRole, mailboxTree, placePath, STARRED, type Place, type Placed } from '../place.ts';
import type { FolderTask } from './folder-dialogs.tsx';
import css from './folder-list.module.css';

const FolderDialog = lazily(() => import('./folder-dialogs.tsx'));

interface Asked {
  accountId: Id;
  /** Name of the unit whose folders these are; absent: the official's own. */
  unit?: string;
  task: FolderTask;
}

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
  /** What is counted; unread messages unless said. */
  counted?: string;
  inset?: boolean;
  depth?: number;
}
function Entry({
  icon,
  name,
  href,
  on,
  count = 0,
  counted = t('mail.unread'),
  inset,
  depth = 0,
}: EntryProps): JSX.Element {
  return (
    <Link
      href={href}
      className={`${css['entry']} ${on ? css['on'] : ''} ${inset ? css['inset'] : ''}`}
      aria-current={on ? 'page' : undefined}
      title={name}
      style={depth > 0 ? { paddingLeft: 8 + 14 * Math.min(depth, 4) } : undefined}
    >
      <Icon of={icon} />
      <span className="cut">{name}</span>
      {count > 0 && (
        <span className={css['count']}>
          {number(count)}
          <span className="sr"> {counted}</span>
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

interface AccountProps {
  accountId: Id;
  /** Of the unit that they belong to. */
  unit?: string;
  place: Place;
  onAsk: (asked: Asked) => void;
}

function AccountFolders({ accountId, unit, place, onAsk }: AccountProps): JSX.Element {
  const store = useMailStore(accountId);
  const inset = unit !== undefined;
  const onTask = (task: FolderTask): void =>
    onAsk(unit === undefined ? { accountId, task } : { accountId, unit, task });
  const here = place.accountId === accountId && !place.q;
  if (!store.loaded) return <Skeleton lines={6} />;
  const tree = mailboxTree(store.mailboxes.values());
  // Below the inbox and what lies in it.
  const second = tree.findIndex(({ depth }, at) => at > 0 && depth === 0);
  const cut = second < 0 ? tree.length : second;
  const entry = ({ mailbox, depth }: Placed): JSX.Element => (
    <div key={mailbox.id} className={css['row']}>
      <Entry
        icon={folderIcon(mailbox.role)}
        name={folderName(mailbox)}
        href={placePath({ accountId, mailboxId: mailbox.id })}
        on={here && place.mailboxId === mailbox.id}
        count={countOf(mailbox)}
        counted={t(mailbox.role === 'drafts' ? 'mail.drafts' : 'mail.unread')}
        inset={inset}
        depth={depth}
      />
      {mailbox.role === null && <FolderMenu mailbox={mailbox} onTask={onTask} />}
    </div>
  );
  return (
    <>
      {tree.slice(0, cut).map(entry)}
      <Entry
        icon={Star}
        name={t('folder.starred')}
        href={placePath({ accountId, mailboxId: STARRED })}
        on={here && place.mailboxId === STARRED}
        inset={inset}
      />
      {tree.slice(cut).map(entry)}
      {mayCreate(store.client.session.accounts[accountId]) && (
        <button
          type="button"
          className={`${css['entry']} ${css['new']} ${inset ? css['inset'] : ''}`}
          aria-label={inset ? t('folder.createIn', { unit }) : undefined}
          onClick={(event) => {
            event.stopPropagation();
            onTask({ kind: 'create' });
          }}
        >
          <Icon of={Plus} />
          {t('folder.create')}
        </button>
      )}
    </>
  );
}

/** RFC 8621 §1.3.1. */
function mayCreate(account: JmapSession['accounts'][Id] | undefined): boolean {
  const mail = account?.accountCapabilities[MAIL] as { mayCreateTopLevelMailbox?: boolean } | undefined;
  return account?.isReadOnly === false && mail?.mayCreateTopLevelMailbox !== false;
}

/** On a phone the folders are a dialog that closes at a press; not at this one. */
function FolderMenu({ mailbox, onTask }: { mailbox: Mailbox; onTask: (task: FolderTask) => void }): JSX.Element | null {
  const { mayRename, mayDelete } = mailbox.myRights;
  if (!mayRename && !mayDelete) return null;
  return (
    <div className={css['tools']} onClick={(event) => event.stopPropagation()}>
      <Menu icon={Ellipsis} label={t('folder.menu', { folder: mailbox.name })}>
        {mayRename && (
          <MenuItem onSelect={() => onTask({ kind: 'rename', mailbox })}>
            <Icon of={PenLine} />
            {t('folder.rename')}
          </MenuItem>
        )}
        {mayDelete && (
          <MenuItem onSelect={() => onTask({ kind: 'remove', mailbox })}>
            <Icon of={Trash} />
            {t('folder.remove')}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}

function UnitAccount({ accountId, unit, place, onAsk }: AccountProps & { unit: string }): JSX.Element {
  const store = useMailStore(accountId);
  const inbox = byRole(store.mailboxes, 'inbox');
  const open = place.accountId === accountId;
  return (
    <>
      <Entry
        icon={Building}
        name={unit}
        href={placePath({ accountId, mailboxId: inbox?.id ?? 'inbox' })}
        on={false}
        count={inbox?.unreadEmails ?? 0}
      />
      {open && <AccountFolders accountId={accountId} unit={unit} place={place} onAsk={onAsk} />}
    </>
  );
}

export function FolderList({ place }: { place: Place }): JSX.Element {
  const hub = useHub();
  const session = useSession();
  const [asked, setAsked] = useState<Asked>();
  const units = session.accounts.filter(({ accountId }) => accountId !== hub.primary && hub.accounts.has(accountId));
  return (
    <nav aria-label={t('mail.folders')} className={css['list']}>
      <AccountFolders accountId={hub.primary} place={place} onAsk={setAsked} />
      {units.length > 0 && <h2 className={css['heading']}>{t('mail.unitMailboxes')}</h2>}
      {units.map(({ accountId, name }) => (
        <UnitAccount key={accountId} accountId={accountId} unit={name} place={place} onAsk={setAsked} />
      ))}
      {asked && <FolderWork asked={asked} place={place} onClose={() => setAsked(undefined)} />}
    </nav>
  );
}

function FolderWork({ asked, place, onClose }: { asked: Asked; place: Place; onClose: () => void }): JSX.Element {
  const { accountId, unit, task } = asked;
  const store = useMailStore(accountId);
  const [, navigate] = useLocation();
  const done = (id: Id | undefined): void => {
    const inbox = byRole(store.mailboxes, 'inbox')?.id ?? 'inbox';
    if (id === undefined) return;
    if (store.mailboxes.has(id)) navigate(placePath({ accountId, mailboxId: id }));
    else if (place.mailboxId === id) navigate(placePath({ accountId, mailboxId: inbox }));
  };
  return (
    <div onClick={(event) => event.stopPropagation()}>
      <Fetched onFail={onClose}>
        <FolderDialog store={store} unit={unit} task={task} onClose={onClose} onDone={done} />
      </Fetched>
    </div>
  );
}
