import { useLayoutEffect, useRef, type JSX } from 'react';
import { Avatar } from '../../../components/avatar.tsx';
import { Button, IconButton } from '../../../components/button.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { describe } from '../../../lib/errors.ts';
import { dateTime } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, Forward, Reply, ReplyAll } from '../../../lib/icons.ts';
import type { EmailAddress, EmailBody, EmailRow } from '../../../lib/jmap/types.ts';
import { shownFiles } from '../parts.ts';
import { Attachments } from './attachments.tsx';
import { AuthenticationNote } from './authentication-note.tsx';
import css from './message-article.module.css';
import { MessageBody } from './message-body.tsx';
import { VerdictLine } from './verdict-line.tsx';

export type AnswerKind = 'reply' | 'replyAll' | 'forward';
interface Props {
  accountId: string;
  row: EmailRow;
  body: EmailBody | undefined;
  /** Why there is no body and none comes. */
  failure: unknown;
  onRetry: () => void;
  open: boolean;
  onToggle: (() => void) | undefined;
  onAnswer: (kind: AnswerKind) => void;
  ownDomains: ReadonlySet<string>;
  isUnit: (address: string) => boolean;
}

function peopleWords(people: readonly EmailAddress[] | null | undefined): string {
  const list = people ?? [];
  const names = list.slice(0, 3).map(({ name, email }) => name ?? email);
  return list.length > 3 ? t('message.andOthers', { names: names.join(', '), n: list.length - 3 }) : names.join(', ');
}

export function MoreFolded({ n, onShow }: { n: number; onShow: () => void }): JSX.Element {
  return (
    <button type="button" className={css['more']} aria-expanded={false} onClick={onShow}>
      {t('message.moreFolded', { n })}
    </button>
  );
}

/** What was pressed is gone once it is folded or opened: the keyboard goes on from what stands in its place. */
function useFolding(open: boolean, onToggle: (() => void) | undefined) {
  const place = useRef<HTMLElement & HTMLButtonElement>(null);
  const pressed = useRef(false);
  useLayoutEffect(() => {
    if (pressed.current) place.current?.focus({ preventScroll: true });
    pressed.current = false;
  }, [open]);
  const toggle = onToggle && ((): void => ((pressed.current = true), onToggle()));
  return { place, toggle };
}

export function MessageArticle(props: Props): JSX.Element {
  const { row, body, open } = props;
  const from = row.from?.[0];
  const name = from?.name ?? from?.email ?? t('mail.noSender');
  const { place, toggle } = useFolding(open, props.onToggle);
  const avatar = <Avatar name={name} unit={props.isUnit(from?.email ?? '')} large />;
  if (!open)
    return (
      <button ref={place} type="button" className={css['folded']} aria-expanded={false} onClick={toggle}>
        <Avatar name={name} unit={props.isUnit(from?.email ?? '')} />
        <b className="cut">{name}</b>
        <span className="cut grow faint">{row.preview}</span>
        <time className="faint">{dateTime(row.receivedAt)}</time>
      </button>
    );
  return (
    <article ref={place} tabIndex={-1} className={css['article']} aria-label={t('message.from', { name })}>
      <header className={css['from']}>
        {toggle ? (
          // No button of its own: beside the answers the name would have no room.
          <button
            type="button"
            className={css['fold']}
            aria-label={t('message.fold', { name })}
            title={t('message.fold', { name })}
            onClick={toggle}
          >
            {avatar}
          </button>
        ) : (
          avatar
        )}
        <div className="grow">
          <div className={css['who']}>
            <b className="cut">{name}</b>
            {from?.name && <span className="faint cut">{from.email}</span>}
          </div>
          <div className={css['to']}>
            {t('message.to', { people: peopleWords(row.to) || '—' })}
            {body?.cc?.length ? ` · ${t('message.cc', { people: peopleWords(body.cc) })}` : ''} ·{' '}
            <time dateTime={row.receivedAt}>{dateTime(row.receivedAt)}</time>
          </div>
        </div>
        {props.failure === undefined && (
          <div className={css['answer']}>
            <IconButton icon={Reply} label={t('message.reply')} shortcut="r" onClick={() => props.onAnswer('reply')} />
            <IconButton
              icon={ReplyAll}
              label={t('message.replyAll')}
              shortcut="a"
              onClick={() => props.onAnswer('replyAll')}
            />
            <IconButton
              icon={Forward}
              label={t('message.forward')}
              shortcut="f"
              onClick={() => props.onAnswer('forward')}
            />
          </div>
        )}
      </header>
      <VerdictLine verdict={row['congvu:verdict']} />
      {body ? (
        <>
          <AuthenticationNote
            from={from}
            authentication={body['congvu:authentication']}
            ownDomains={props.ownDomains}
          />
          <MessageBody
            accountId={props.accountId}
            body={body}
            verdict={row['congvu:verdict']}
            subject={row.subject ?? ''}
          />
          <Attachments
            accountId={props.accountId}
            files={shownFiles(body)}
            lost={body['congvu:lostParts']}
            marks={row['congvu:documents']}
            verdict={row['congvu:verdict']}
          />
        </>
      ) : props.failure === undefined ? (
        <Skeleton lines={7} />
      ) : (
        <EmptyState icon={CircleAlert} title={t('message.failed')}>
          <p>{describe(props.failure)}</p>
          <Button onClick={props.onRetry}>{t('common.retry')}</Button>
        </EmptyState>
      )}
    </article>
  );
}
