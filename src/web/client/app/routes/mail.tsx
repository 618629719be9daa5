import { useCallback, useEffect, useRef, useState, type JSX } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PaneBoundary } from '../../components/pane-boundary.tsx';
import { emptyMailbox } from '../../features/mail/api/set-emails.ts';
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
import type { Id, Mailbox } from '../../lib/jmap/types.ts';
import { useSession } from '../../lib/session.ts';
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
  const [emptying, setEmptying] = useState(false);
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
  const unit = useSession().accounts.find(({ accountId, kind }) => accountId === place.accountId && kind !== 'person');
  const title = usePlaceTitle(place, mailbox, unit?.name);
  const emptiable = (mailbox?.role === 'trash' || mailbox?.role === 'junk') && !place.q;
  const shown = place.emailId;
  const carries = shown !== undefined && (store.emails.get(shown)?.['congvu:documents'].length ?? 0) > 0;

  return (
    <main className={`${css['mail']} ${shown ? css['reading'] : ''} ${carries ? css['carrying'] : ''}`}>
      {/* Outside of the panes: a phone shows only one of them. */}
      <h1 className="sr">{[title || t('nav.mail'), unit?.name].filter(Boolean).join(' · ')}</h1>
      <div className={css['side']}>
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
      </div>
      <section className={css['list']} aria-label={title}>
        {selection.ids.length > 0 && (
          <BulkBar
            from={place.q ? '' : place.mailboxId}
            store={store}
            selection={selection}
            actions={actions}
            act={(act) => leave(selection.ids, act)}
            onRemove={() => remove(selection.ids)}
            list={ids ?? []}
          />
        )}
        <ListHead
          place={place}
          folder={title}
          unit={unit?.name}
          search={search}
          onSearch={(q) => navigate(placePath({ ...place, q, emailId: undefined }))}
          onPill={(pill) => navigate(placePath({ ...place, pill, emailId: undefined }))}
          onFolders={() => setFolders(true)}
          onEmpty={emptiable && (ids?.length ?? 0) > 0 ? () => setEmptying(true) : undefined}
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
        <Button
          tone="primary"
          icon={PenLine}
          className={css['fab']}
          onClick={() => openCompose({ kind: 'new', accountId: place.accountId })}
        >
          {t('mail.compose')}
        </Button>
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
          <section className={css['read']} aria-label={t('message.none')}>
            <EmptyState icon={MailOpen} title={t('message.none')}>
              {t('message.noneHint')}
            </EmptyState>
          </section>
        )}
      </PaneBoundary>
      {folders && (
        <Dialog title={t('mail.folders')} onClose={() => setFolders(false)}>
          <div onClick={() => setFolders(false)}>
            <FolderList place={place} />
          </div>
        </Dialog>
      )}
      {asking.length > 0 && (
        <DestroyDialog
          question={t('mail.destroyAsk', { n: asking.length })}
          onClose={() => setAsking([])}
          onConfirm={() => (leave(asking, actions.remove), setAsking([]))}
        />
      )}
      {emptying && mailbox && (
        <DestroyDialog
          question={t('mail.emptyAsk', { folder: title })}
          onClose={() => setEmptying(false)}
          onConfirm={() => (setEmptying(false), back(), void emptyMailbox(store, mailbox.id))}
        />
      )}
    </main>
  );
}

/** Heading of the list, and the page's title with what is unread. */
function usePlaceTitle({ q, mailboxId }: Place, mailbox: Mailbox | undefined, unit: string | undefined): string {
  const folder = mailboxId === STARRED ? t('folder.starred') : mailbox ? folderName(mailbox) : '';
  const title = q ? t('mail.results') : folder;
  useEffect(() => {
    const unread = mailbox?.role === 'inbox' ? mailbox.unreadEmails : 0;
    const place = [title || t('nav.mail'), unit].filter(Boolean).join(' · ');
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${place} – Công Vụ`;
  }, [title, mailbox, unit]);
  return title;
}

function DestroyDialog({
  question,
  onClose,
  onConfirm,
}: {
  question: string;
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
      {question}
    </Dialog>
  );
}
