import { useState, type JSX } from 'react';
import { Fetched } from '../../../components/fetched.tsx';
import { lazily } from '../../../lib/lazily.tsx';
import type { DocumentMark, Verdict } from '../../../../../base/api-types.ts';
import { Chip } from '../../../components/chip.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { bytes } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Check, Download, TriangleAlert } from '../../../lib/icons.ts';
import { useHub } from '../../../lib/jmap/hub.ts';
import type { BodyPart } from '../../../lib/jmap/types.ts';
import { isOutsideSigned, kindOf, markOf, previewOf, shownName } from '../parts.ts';
import css from './attachments.module.css';

const FileViewer = lazily(() => import('../../../components/file-viewer.tsx'));

interface Props {
  accountId: string;
  files: readonly BodyPart[];
  /** partIds of those that the server has lost. */
  lost: readonly string[];
  marks: readonly DocumentMark[];
  verdict: Verdict | null;
}

export function Attachments({ accountId, files, lost, marks, verdict }: Props): JSX.Element | null {
  const { client } = useHub();
  const [shown, setShown] = useState<BodyPart | null>(null);
  if (files.length === 0) return null;
  return (
    <section aria-label={t('message.attachments')}>
      <ul className={css['grid']}>
        {files.map((part) => (
          <FileCard
            key={part.partId ?? part.blobId}
            part={part}
            mark={markOf(marks, part)}
            outside={isOutsideSigned(verdict, part)}
            href={client.downloadUrl(accountId, part.blobId ?? '', shownName(part), part.type)}
            lost={lost.includes(part.partId ?? '')}
            onShow={previewOf(part) ? () => setShown(part) : undefined}
          />
        ))}
      </ul>
      {shown && (
        <Dialog wide title={shownName(shown)} onClose={() => setShown(null)}>
          <Fetched waiting={<Skeleton lines={9} />}>
            <FileViewer
              kind={previewOf(shown) ?? 'image'}
              name={shownName(shown)}
              load={(signal) => client.download(accountId, shown.blobId ?? '', shown.type, signal)}
            />
          </Fetched>
        </Dialog>
      )}
    </section>
  );
}

interface CardProps {
  part: BodyPart;
  mark: DocumentMark | undefined;
  outside: boolean;
  href: string;
  lost: boolean;
  onShow: (() => void) | undefined;
}
function FileCard({ part, mark, outside, href, lost, onShow }: CardProps): JSX.Element {
  const name = shownName(part);
  const kind = kindOf(part);
  return (
    <li className={css['card']}>
      <span className={`${css['kind']} ${kind === 'PDF' ? css['pdf'] : ''}`} aria-hidden="true">
        {kind}
      </span>
      <div className="grow">
        {onShow && !lost ? (
          <button type="button" className={`${css['name']} cut`} title={name} onClick={onShow}>
            {name}
            <span className="sr">, {t('message.openFile')}</span>
          </button>
        ) : (
          <div className={`${css['name']} cut`} title={name}>
            {name}
          </div>
        )}
        <div className={css['meta']}>{bytes(part.size)}</div>
        {(mark || outside || lost) && (
          <div className={css['marks']}>
            {lost && (
              <Chip tone="danger" icon={TriangleAlert} title={t('message.lostFile')}>
                {t('message.lostFileShort')}
              </Chip>
            )}
            {mark?.match === 'same' && (
              <Chip tone="ok" icon={Check} title={mark.numberNotation}>
                {t('message.sameDocument')}
              </Chip>
            )}
            {mark?.match === 'different' && (
              <Chip tone="danger" icon={TriangleAlert} title={mark.numberNotation}>
                {t('message.differentDocument')}
              </Chip>
            )}
            {outside && (
              <Chip tone="warn" icon={TriangleAlert}>
                {t('message.outsideSignedShort')}
              </Chip>
            )}
          </div>
        )}
      </div>
      {!lost && (
        <a
          className={css['download']}
          href={href}
          download={name}
          aria-label={t('message.download', { name })}
          title={t('message.downloadShort')}
        >
          <Icon of={Download} />
        </a>
      )}
    </li>
  );
}
