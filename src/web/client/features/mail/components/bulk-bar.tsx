import type { JSX } from 'react';
import { IconButton } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Menu, MenuItem } from '../../../components/menu.tsx';
import { number } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Archive, Ban, Folder, Mail, MailOpen, Trash, X } from '../../../lib/icons.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Id } from '../../../lib/jmap/types.ts';
import type { MailActions } from '../hooks/use-mail-actions.ts';
import type { Selection } from '../hooks/use-selection.ts';
import { mailboxTree } from '../place.ts';
import { folderIcon, folderName } from './folder-list.tsx';
import css from './bulk-bar.module.css';

interface Props {
  /** Where the rows stand; not offered as where to move them. */
  from: Id;
  store: MailStore;
  selection: Selection;
  actions: MailActions;
  act: (action: (ids: readonly Id[]) => void) => void;
  onRemove: () => void;
  /** What is not known yet is null, and cannot be ticked. */
  list: readonly (Id | null)[];
}

/** Stands over the search while rows are ticked: the list keeps its place. */
export function BulkBar({ from, store, selection, actions, act, onRemove, list }: Props): JSX.Element {
  const n = selection.ids.length;
  const total = list.length;
  const loaded = list.filter((id) => id !== null).length;
  return (
    <div className={css['bar']} role="toolbar" aria-label={t('mail.bulk')}>
      <IconButton icon={X} label={t('mail.clearSelection')} shortcut="Escape" onClick={selection.clear} />
      <span className={css['count']} aria-live="polite">
        {n < loaded || loaded === total
          ? t('mail.selected', { n: number(n) })
          : t('mail.selectedOf', { n: number(n), total: number(total) })}
      </span>
      {n < loaded && (
        <button
          type="button"
          className={css['all']}
          title={loaded < total ? t('mail.selectLoaded', { n: number(loaded) }) : undefined}
          onClick={selection.all}
        >
          {t('mail.selectAll')}
        </button>
      )}
      <span className="grow" />
      <IconButton icon={Archive} label={t('mail.archive')} shortcut="e" onClick={() => act(actions.archive)} />
      <IconButton
        icon={Trash}
        label={actions.isTrash ? t('mail.destroy') : t('mail.delete')}
        shortcut="#"
        onClick={onRemove}
      />
      <IconButton icon={MailOpen} label={t('mail.markRead')} onClick={() => actions.setSeen(selection.ids, true)} />
      <IconButton
        icon={Mail}
        label={t('mail.markUnread')}
        shortcut="u"
        onClick={() => actions.setSeen(selection.ids, false)}
      />
      <Menu icon={Folder} label={t('mail.moveTo')}>
        <MoveItems from={from} store={store} onMove={(to) => act((ids) => actions.move(ids, to))} />
        <MenuItem onSelect={() => act(actions.junk)}>
          <Icon of={Ban} />
          {t('mail.junk')}
        </MenuItem>
      </Menu>
    </div>
  );
}

interface MoveProps {
  from: Id;
  store: MailStore;
  onMove: (to: Id) => void;
}

export function MoveItems({ from, store, onMove }: MoveProps): JSX.Element {
  return (
    <>
      {mailboxTree(store.mailboxes.values())
        .filter(({ mailbox: { id, role } }) => id !== from && (role === null || role === 'inbox' || role === 'archive'))
        .map(({ mailbox, path }) => (
          <MenuItem key={mailbox.id} onSelect={() => onMove(mailbox.id)}>
            <Icon of={folderIcon(mailbox.role)} />
            {path.map(folderName).join(' / ')}
          </MenuItem>
        ))}
    </>
  );
}
