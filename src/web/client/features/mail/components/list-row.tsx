import { memo, type JSX } from 'react';
import { Avatar } from '../../../components/avatar.tsx';
import { Chip } from '../../../components/chip.tsx';
import { Icon } from '../../../components/icon.tsx';
import { listTime } from '../../../lib/format.ts';
import { urgencyTone, urgencyWords } from '../../../lib/documents.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { BadgeCheck, FileText, Paperclip, Reply, ShieldAlert, Star } from '../../../lib/icons.ts';
import type { EmailRow, Id } from '../../../lib/jmap/types.ts';
import { markedText, type Snippet } from '../api/snippets.ts';
import type { RowView } from '../row-view.ts';
import css from './list-row.module.css';

interface Props {
  row: EmailRow;
  view: RowView;
  snippet: Snippet | undefined;
  current: boolean;
  ticked: boolean;
  ticking: boolean;
  href: string;
  onOpen: (id: Id) => void;
  onTick: (id: Id, range: boolean) => void;
  onStar: (id: Id) => void;
}

function Marked({ text }: { text: string }): JSX.Element {
  return <>{markedText(text).map((part, at) => (part.marked ? <mark key={at}>{part.text}</mark> : part.text))}</>;
}

export const ListRow = memo(function ListRow(props: Props): JSX.Element {
  const { row, view, snippet, current, ticked } = props;
  return (
    <div
      className={`${css['row']} ${view.unread ? css['unread'] : ''} ${current ? css['current'] : ''} ${ticked ? css['ticked'] : ''} ${props.ticking ? css['ticking'] : ''}`}
    >
      <i className={css['dot']} />
      <label className={css['tick']}>
        <input
          type="checkbox"
          checked={ticked}
          aria-label={t('mail.select', { subject: view.subject })}
          onClick={(event) => props.onTick(row.id, event.shiftKey)}
          onChange={() => undefined}
        />
        <Avatar name={view.who} unit={view.isUnit} />
      </label>
      <a
        href={props.href}
        className={css['text']}
        aria-current={current ? 'true' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          props.onOpen(row.id);
        }}
      >
        <span className={css['top']}>
          {view.unread && <span className="sr">{t('mail.unread')}, </span>}
          <span className={`${css['who']} cut`}>{view.isDraft ? t('mail.draftTo', { name: view.who }) : view.who}</span>
          {view.count > 1 && <span className={css['count']}>{view.count}</span>}
          {view.signed === 'ok' && <Icon of={BadgeCheck} small label={t('mail.signed')} className={css['ok']} />}
          {view.signed === 'bad' && (
            <Icon of={ShieldAlert} small label={t('mail.signatureBad')} className={css['bad']} />
          )}
          {view.signed === 'partly' && (
            <Icon of={ShieldAlert} small label={t('verdict.short.partlySigned')} className={css['partly']} />
          )}
          {view.answered && <Icon of={Reply} small label={t('mail.answered')} className={css['faint']} />}
          <time dateTime={row.receivedAt}>{listTime(row.receivedAt)}</time>
        </span>
        <span className={`${css['subject']} cut`}>
          {snippet?.subject ? <Marked text={snippet.subject} /> : view.subject}
        </span>
        <span className={`${css['preview']} cut`}>
          {snippet?.preview ? <Marked text={snippet.preview} /> : row.preview || ' '}
        </span>
        {(view.documents.length > 0 || view.attachments > 0) && (
          <span className={css['chips']}>
            {view.urgency !== 'thuong' && (
              <Chip tone={urgencyTone(view.urgency)}>{urgencyWords(view.urgency).toLocaleUpperCase('vi')}</Chip>
            )}
            {view.documents.slice(0, 2).map((number) => (
              <Chip key={number} tone="doc" icon={FileText}>
                {number}
              </Chip>
            ))}
            {view.attachments > 0 && (
              <Chip icon={Paperclip} title={t('mail.attachments', { n: view.attachments })}>
                {view.attachments}
              </Chip>
            )}
          </span>
        )}
      </a>
      <button
        type="button"
        className={css['star']}
        aria-pressed={view.starred}
        aria-label={t('mail.star')}
        title={`${t('mail.star')} (s)`}
        onClick={() => props.onStar(row.id)}
      >
        <Icon of={Star} />
      </button>
    </div>
  );
});
