import { useEffect, useRef, useState, type JSX, type ReactNode } from 'react';
import { Button } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { highestUrgency, urgencyTone, urgencyWords } from '../../../lib/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, FileText, Forward, Reply, ReplyAll, ShieldCheck } from '../../../lib/icons.ts';
import type { EmailRow } from '../../../lib/jmap/types.ts';
import type { ThreadState } from '../hooks/use-thread.ts';
import { foldThread } from '../folds.ts';
import { MessageArticle, MoreFolded, type AnswerKind } from './message-article.tsx';
import css from './thread-view.module.css';

interface Props {
  thread: ThreadState;
  accountId: string;
  emailId: string;
  toolbar: ReactNode;
  signs: boolean;
  ownDomains: ReadonlySet<string>;
  isUnit: (address: string) => boolean;
  onAnswer: (kind: AnswerKind, row: EmailRow) => void;
  documentHref: (documentId: number) => string;
}

export function ThreadView(props: Props): JSX.Element {
  const { thread, emailId } = props;
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollTo?.({ top: 0 }), [emailId]);
  const [whole, setWhole] = useState(false);
  const folds = whole
    ? thread.rows.map((row) => ({ row }))
    : foldThread(thread.rows, (row) => thread.isOpen(row.id) || row.id === emailId);
  const opened = thread.rows.find(({ id }) => id === emailId);
  const last = opened ?? thread.rows[thread.rows.length - 1];
  return (
    <>
      <div className={css['tools']}>{props.toolbar}</div>
      <div ref={top} className={css['body']} tabIndex={-1}>
        {thread.error !== undefined && (
          <EmptyState icon={CircleAlert} title={t('message.failed')}>
            <p>{describe(thread.error)}</p>
            <Button onClick={thread.retry}>{t('common.retry')}</Button>
          </EmptyState>
        )}
        {!last && thread.error === undefined && <Skeleton lines={8} />}
        {last && <ThreadHead row={last} documentHref={props.documentHref} />}
        {folds.map((fold) =>
          'hidden' in fold ? (
            <MoreFolded key={`after ${fold.after.id}`} n={fold.hidden} onShow={() => setWhole(true)} />
          ) : (
            <MessageArticle
              key={fold.row.id}
              accountId={props.accountId}
              row={fold.row}
              body={thread.store.bodies.get(fold.row.id)}
              failure={thread.failure(fold.row.id)}
              onRetry={thread.retry}
              open={thread.isOpen(fold.row.id)}
              onToggle={thread.rows.length > 1 ? () => thread.toggle(fold.row.id) : undefined}
              onAnswer={(kind) => props.onAnswer(kind, fold.row)}
              ownDomains={props.ownDomains}
              isUnit={props.isUnit}
            />
          ),
        )}
        {last && thread.failure(last.id) === undefined && (
          <button type="button" className={css['reply']} onClick={() => props.onAnswer('reply', last)}>
            <Icon of={Reply} />
            <span className="cut grow">
              {t('message.replyTo', { name: last.from?.[0]?.name ?? last.from?.[0]?.email ?? '' })}
            </span>
            {props.signs && (
              <Chip tone="ok" icon={ShieldCheck}>
                {t('message.signOnSend')}
              </Chip>
            )}
          </button>
        )}
        {last && thread.failure(last.id) === undefined && (
          <div className={css['answers']}>
            <Button tone="ghost" icon={ReplyAll} onClick={() => props.onAnswer('replyAll', last)}>
              {t('message.replyAll')}
            </Button>
            <Button tone="ghost" icon={Forward} onClick={() => props.onAnswer('forward', last)}>
              {t('message.forward')}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

function ThreadHead({ row, documentHref }: { row: EmailRow; documentHref: (id: number) => string }): JSX.Element {
  const marks = row['congvu:documents'];
  const urgency = highestUrgency(marks);
  return (
    <div className={css['head']}>
      <h2>{row.subject?.trim() || t('mail.noSubject')}</h2>
      {marks.length > 0 && (
        <div className={css['chips']}>
          {urgency !== 'thuong' && (
            <Chip tone={urgencyTone(urgency)}>{urgencyWords(urgency).toLocaleUpperCase('vi')}</Chip>
          )}
          {[...new Map(marks.map((mark) => [mark.documentId, mark])).values()].map((mark) => (
            <a key={mark.documentId} href={documentHref(mark.documentId)} className={css['docLink']}>
              <Chip tone="doc" icon={FileText}>
                {mark.numberNotation}
              </Chip>
            </a>
          ))}
        </div>
      )}
    </div>
  );
}
