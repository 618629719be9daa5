import { useState, type JSX } from 'react';
import { Fetched } from '../../components/fetched.tsx';
import { lazily } from '../../lib/lazily.tsx';
import { IconButton } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Menu, MenuItem } from '../../components/menu.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { MoveItems } from '../../features/mail/components/bulk-bar.tsx';
import type { Place } from '../../features/mail/place.ts';
import type { AnswerKind } from '../../features/message/components/message-article.tsx';
import { ThreadView } from '../../features/message/components/thread-view.tsx';
import { useThread } from '../../features/message/hooks/use-thread.ts';
import { openCompose } from '../../lib/compose-intent.ts';
import { describe } from '../../lib/errors.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { Archive, ArrowLeft, Ban, Download, Ellipsis, FileText, Folder, Mail, Star, Trash } from '../../lib/icons.ts';
import type { EmailRow, Id } from '../../lib/jmap/types.ts';
import { useShortcuts } from '../../lib/keyboard.ts';
import { useSession } from '../../lib/session.ts';
import { toast } from '../../lib/toasts.ts';
import css from './mail.module.css';
import { useKnownAddresses } from './use-known-addresses.ts';

const LinkedDocuments = lazily(() => import('../../features/documents/components/linked-documents.tsx'));

interface Props {
  place: Place;
  emailId: Id;
  isTrash: boolean;
  onBack: () => void;
  onArchive: () => void;
  onRemove: () => void;
  onJunk: () => void;
  onMove: (to: Id) => void;
  onUnread: () => void;
  onStar: () => void;
}

export function ReadingPane(props: Props): JSX.Element {
  const { place, emailId } = props;
  const thread = useThread(place.accountId, emailId);
  const session = useSession();
  const known = useKnownAddresses();
  const [panel, setPanel] = useState(false);
  const { store } = thread;
  const row = store.emails.get(emailId);
  const body = store.bodies.get(emailId);
  const marks = row?.['congvu:documents'] ?? [];
  const answer = (kind: AnswerKind, to: EmailRow | undefined): void => {
    const found = to && store.bodies.get(to.id);
    if (to && found)
      openCompose({ kind, accountId: place.accountId, row: to, body: found, marks: to['congvu:documents'] });
    // By its shortcut: a message without content cannot be quoted or forwarded.
    else if (to && thread.failure(to.id) !== undefined) toast(describe(thread.failure(to.id)), { tone: 'danger' });
  };
  useShortcuts({ r: () => answer('reply', row), a: () => answer('replyAll', row), f: () => answer('forward', row) });
  const toolbar = (
    <>
      <IconButton icon={ArrowLeft} label={t('message.back')} className={css['back']} onClick={props.onBack} />
      <IconButton icon={Archive} label={t('mail.archive')} shortcut="e" onClick={props.onArchive} />
      <IconButton
        icon={Trash}
        label={props.isTrash ? t('mail.destroy') : t('mail.delete')}
        shortcut="#"
        onClick={props.onRemove}
      />
      <IconButton icon={Mail} label={t('mail.markUnread')} shortcut="u" onClick={props.onUnread} />
      <IconButton
        icon={Star}
        label={t('mail.star')}
        shortcut="s"
        aria-pressed={Boolean(row?.keywords['$flagged'])}
        onClick={props.onStar}
      />
      <span className="grow" />
      {marks.length > 0 && (
        <IconButton
          icon={FileText}
          label={t('documents.linked')}
          className={css['panelButton']}
          aria-pressed={panel}
          onClick={() => setPanel(!panel)}
        />
      )}
      <Menu icon={Folder} label={t('mail.moveTo')}>
        <MoveItems from={place.q ? '' : place.mailboxId} store={store} onMove={props.onMove} />
      </Menu>
      <Menu icon={Ellipsis} label={t('common.more')}>
        <MenuItem onSelect={props.onJunk}>
          <Icon of={Ban} />
          {t('mail.junk')}
        </MenuItem>
        <MenuItem
          disabled={!body}
          onSelect={() =>
            body && location.assign(store.client.downloadUrl(place.accountId, body.blobId, 'thu.eml', 'message/rfc822'))
          }
        >
          <Icon of={Download} />
          {t('message.downloadOriginal')}
        </MenuItem>
      </Menu>
    </>
  );
  return (
    <>
      <section className={css['read']} aria-label={t('message.pane')}>
        <ThreadView
          thread={thread}
          accountId={place.accountId}
          emailId={emailId}
          toolbar={toolbar}
          signs={session.signingKey !== null}
          ownDomains={known.ownDomains}
          isUnit={(address) => known.unitAddresses.has(address.toLowerCase())}
          onAnswer={(kind, to) => answer(kind, to)}
          documentHref={(id) => `/documents/${id}`}
        />
      </section>
      <section className={`${css['context']} ${panel ? css['contextOpen'] : ''}`} aria-label={t('documents.linked')}>
        <Fetched waiting={<Skeleton lines={6} />}>
          <LinkedDocuments marks={marks} known={row !== undefined} />
        </Fetched>
      </section>
    </>
  );
}
