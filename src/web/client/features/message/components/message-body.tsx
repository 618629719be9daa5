import { useState, type JSX } from 'react';
import { Fetched } from '../../../components/fetched.tsx';
import { lazily } from '../../../lib/lazily.tsx';
import type { Verdict } from '../../../../../base/api-types.ts';
import { Skeleton } from '../../../components/skeleton.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import type { BodyPart, EmailBody } from '../../../lib/jmap/types.ts';
import { useInlineImages } from '../hooks/use-inline-images.ts';
import { isOutsideSigned, shownParts } from '../parts.ts';
import css from './message-body.module.css';
import { PlainText } from './plain-text.tsx';

const HtmlFrame = lazily(() => import('./html-frame.tsx'));

interface Props {
  accountId: string;
  body: EmailBody;
  verdict: Verdict | null;
  subject: string;
}

export function MessageBody({ accountId, body, verdict, subject }: Props): JSX.Element {
  const [allowRemote, setAllowRemote] = useState(false);
  const inline = useInlineImages(accountId, body);
  const parts = shownParts(body);
  if (!inline) return <Skeleton lines={6} />;
  const content = (part: BodyPart): JSX.Element => {
    const value = body.bodyValues[part.partId ?? ''];
    return (
      <>
        {part.type === 'text/html' ? (
          <Fetched waiting={<Skeleton lines={6} />}>
            <HtmlFrame
              html={value?.value ?? ''}
              inline={inline}
              allowRemote={allowRemote}
              onAllowRemote={() => setAllowRemote(true)}
              title={t('message.content', { subject })}
            />
          </Fetched>
        ) : (
          <PlainText text={value?.value ?? ''} />
        )}
        {value?.isTruncated && <p className={css['note']}>{t('message.truncated')}</p>}
      </>
    );
  };
  if (parts.length === 0) return <p className="faint">{t('message.noText')}</p>;
  return (
    <>
      {parts.map((part) =>
        isOutsideSigned(verdict, part) ? (
          <section key={part.partId} className={css['outside']} aria-label={t('message.outsideSigned')}>
            <p className={css['outsideTag']}>{t('message.outsideSigned')}</p>
            {content(part)}
          </section>
        ) : (
          <div key={part.partId}>{content(part)}</div>
        ),
      )}
    </>
  );
}
