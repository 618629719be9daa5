import { useCallback, useEffect, useRef, useState, type JSX } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PaneBoundary } from '../../components/pane-boundary.tsx';
import { BulkBar } from '../../features/mail/components/bulk-bar.tsx';
import { FolderList, folderName } from '../../features/mail/components/folder-list.tsx';
import { ListHead } from '../../features/mail/components/list-head.tsx';
import { MessageList } from '../../features/mail/components/message-list.tsx';
import { afterLeaving, useListKeys } from '../../features/mail/hooks/use-list-keys.ts';
import { useMailActions } from '../../features/mail/hooks/use-mail-actions.ts';
import { useMailList } from '../../features/mail/hooks/use-mail-list.ts';
import { useSelection } from '../../features/mail/hooks/use-selection.ts';
import { placePath, STARRED, type Place } from '../../features/mail/place.ts';
import { openCompose } from '../../lib/compose-intent.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { MailOpen, PenLine } from '../../lib/icons.ts';
import type { Id } from '../../lib/jmap/types.ts';
import css from './mail.module.css';
import { ReadingPane } from './reading-pane.tsx';
import { useDraftOpening } from './use-draft-opening.ts';
import { useKnownAddresses } from './use-known-addresses.ts';
import { usePlace } from './use-place.ts';

export function MailRoute(): JSX.Element {
  const place = usePlace();
  if (!place) return <div className={css['mail']} aria-busy="true" />;
  return <MailScreen place={place} />;
}

function MailScreen({ place }: { place: Place }): JSX.Element {
  const [, navigate] = useLocation();
  const list = useMailList(place);
  const { store, query, ids } = list;
  const selection = useSelection(ids);
  const actions = useMailActions(store, query);
  const search = useRef<HTMLInputElement>(null);
  const [folders, setFolders] = useState(false);
  const [asking, setAsking] = useState<readonly Id[]>([]);
  const { unitAddresses } = useKnownAddresses();
  const openDraft = useDraftOpening(store);

  const open = useCallback(
    (emailId: Id | undefined) => {
      if (emailId && store.emails.get(emailId)?.keywords['$draft']) return openDraft(emailId);
      navigate(placePath({ ...place, emailId }), { replace: Boolean(place.emailId && emailId) });
    },
    [place, store, openDraft],
  );
  const back = (): void => open(undefined);
  const leave = (ids_: readonly Id[], act: (ids: readonly Id[]) => void): void => {
    const next = afterLeaving(ids ?? [], place.emailId, ids_);
    act(ids_);
    selection.clear();
    if (next !== place.emailId) open(window.innerWidth < 720 ? undefined : next);
  };
  const remove = (chosen: readonly Id[]): void => (actions.isTrash ? setAsking(chosen) : leave(chosen, actions.remove));
  useListKeys({
    ids: ids ?? [],
    current: place.emailId,
    open,
    actions,
    selection,
    focusSearch: () => search.current?.focus(),
    confirmRemove: setAsking,
    back,
  });

  const mailbox = store.mailboxes.get(place.mailboxId);
  const title = place.q
    ? t('mail.results')
    : place.mailboxId === STARRED
      ? t('folder.starred')
      : mailbox
        ? folderName(mailbox)
        : '';
  useEffect(() => {
    const unread = mailbox?.role === 'inbox' ? mailbox.unreadEmails : 0;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title || t('nav.mail')} – Công Vụ`;
  }, [title, mailbox]);
  const shown = place.emailId;
  const carries = shown !== undefined && (store.emails.get(shown)?.['congvu:documents'].length ?? 0) > 0;

  return (
    <div className={`${css['mail']} ${shown ? css['reading'] : ''} ${carries ? css['carrying'] : ''}`}>
      <aside className={css['side']}>
        <Button
          tone="primary"
          size="l"
          icon={PenLine}
          className={css['compose']}
          aria-keyshortcuts="c"
          onClick={() => openCompose({ kind: 'new', accountId: place.accountId })}
        >
          {t('mail.compose')}
        </Button>
        <FolderList place={place} />
      </aside>
      <section className={css['list']} aria-label={title}>
        {selection.ids.length > 0 && (
          <BulkBar
            store={store}
            selection={selection}
            actions={actions}
            act={(act) => leave(selection.ids, act)}
            onRemove={() => remove(selection.ids)}
            total={ids?.length ?? 0}
          />
        )}
        <ListHead
          place={place}
          folder={title}
          search={search}
          onSearch={(q) => navigate(placePath({ ...place, q, emailId: undefined }))}
          onPill={(pill) => navigate(placePath({ ...place, pill, emailId: undefined }))}
          onFolders={() => setFolders(true)}
        />
        <PaneBoundary>
          <MessageList
            place={place}
            list={list}
            selection={selection}
            unitAddresses={unitAddresses}
            onOpen={open}
            onStar={actions.star}
          />
        </PaneBoundary>
      </section>
      <PaneBoundary key={shown ?? ''}>
        {shown ? (
          <ReadingPane
            place={place}
            emailId={shown}
            onBack={back}
            onArchive={() => leave([shown], actions.archive)}
            onRemove={() => remove([shown])}
            onJunk={() => leave([shown], actions.junk)}
            onMove={(to) => leave([shown], (chosen) => actions.move(chosen, to))}
            onUnread={() => {
              actions.setSeen([shown], false);
              back();
            }}
            onStar={() => actions.star([shown])}
            isTrash={actions.isTrash}
          />
        ) : (
          <main className={css['read']}>
            <EmptyState icon={MailOpen} title={t('message.none')}>
              {t('message.noneHint')}
            </EmptyState>
          </main>
        )}
      </PaneBoundary>
      {!shown && (
        <Button
          tone="primary"
          icon={PenLine}
          className={css['fab']}
          onClick={() => openCompose({ kind: 'new', accountId: place.accountId })}
        >
          {t('mail.compose')}
        </Button>
      )}
      {folders && (
        <Dialog title={t('mail.folders')} onClose={() => setFolders(false)}>
          <div onClick={() => setFolders(false)}>
            <FolderList place={place} />
          </div>
        </Dialog>
      )}
      {asking.length > 0 && (
        <DestroyDialog
          n={asking.length}
          onClose={() => setAsking([])}
          onConfirm={() => {
            leave(asking, actions.remove);
            setAsking([]);
          }}
        />
      )}
    </div>
  );
}

function DestroyDialog({
  n,
  onClose,
  onConfirm,
}: {
  n: number;
  onClose: () => void;
  onConfirm: () => void;
}): JSX.Element {
  return (
    <Dialog
      title={t('mail.destroy')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="danger" onClick={onConfirm}>
            {t('mail.destroy')}
          </Button>
        </>
      }
    >
      {t('mail.destroyAsk', { n })}
    </Dialog>
  );
}
