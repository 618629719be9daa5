import { useId, useState, type JSX } from 'react';
import type { Verdict } from '../../../../../base/api-types.ts';
import { Icon } from '../../../components/icon.tsx';
import { dateTime } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Check, X } from '../../../lib/icons.ts';
import { checkWords, detailWords, headerWords, verdictView } from '../verdict.ts';
import css from './verdict-line.module.css';

/** Drawn by us above the message frame, never inside it: a message cannot paint over or imitate this place. */
export function VerdictLine({ verdict }: { verdict: Verdict | null }): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const view = verdictView(verdict);
  return (
    <div
      role="group"
      className={`${css['line']} ${css[view.tone]}`}
      aria-label={t('verdict.label')}
      data-verdict={verdict?.kind ?? 'pending'}
    >
      <div className={css['head']}>
        <Icon of={view.icon} />
        <p className="grow">
          <b>{view.lead}</b>
          {view.rest && <span> · {view.rest}</span>}
        </p>
        {verdict && verdict.checks.length + (verdict.signer ? 1 : 0) > 0 && (
          <button
            type="button"
            className={css['more']}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            {open ? t('verdict.less') : t('verdict.details')}
          </button>
        )}
      </div>
      {verdict?.changedHeaders?.length ? <ChangedHeaders headers={verdict.changedHeaders} /> : null}
      {open && verdict && <Evidence verdict={verdict} id={id} />}
    </div>
  );
}

function ChangedHeaders({ headers }: { headers: { field: string; outer: string; signed: string }[] }): JSX.Element {
  return (
    <dl className={css['changed']}>
      {headers.map(({ field, outer, signed }) => (
        <div key={field}>
          <dt>{headerWords(field)}</dt>
          <dd>
            <span className={css['tag']}>{t('verdict.shownHeader')}</span> {outer || '—'}
          </dd>
          <dd>
            <span className={css['tag']}>{t('verdict.signedHeader')}</span> <b>{signed || '—'}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Evidence({ verdict, id }: { verdict: Verdict; id: string }): JSX.Element {
  const { signer } = verdict;
  return (
    <div id={id} className={css['evidence']}>
      <dl>
        {signer && (
          <>
            <dt>{t('verdict.signer')}</dt>
            <dd>
              {signer.name} &lt;{signer.address}&gt;
            </dd>
            <dt>{t('verdict.fingerprint')}</dt>
            <dd className={css['mono']}>{signer.fingerprint.replace(/(.{4})(?=.)/g, '$1 ')}</dd>
          </>
        )}
        {verdict.keySource && (
          <>
            <dt>{t('verdict.keySource')}</dt>
            <dd>{t(`verdict.source.${verdict.keySource}`)}</dd>
          </>
        )}
        {verdict.signedAt && (
          <>
            <dt>{t('verdict.signedAt')}</dt>
            <dd>{dateTime(verdict.signedAt)}</dd>
          </>
        )}
        <dt>{t('verdict.checkedAt')}</dt>
        <dd>{dateTime(verdict.checkedAt)}</dd>
      </dl>
      <ul>
        {verdict.checks
          .map((one) => ({ ...one, detail: detailWords(one, verdict) }))
          .map(({ check, ok, detail }) => (
            <li key={check} className={ok ? css['good'] : css['bad']}>
              <Icon of={ok ? Check : X} small label={ok ? t('verdict.passed') : t('verdict.failed')} />
              <span>
                {checkWords(check)}
                {detail && <span className={css['detail']}> · {detail}</span>}
              </span>
            </li>
          ))}
      </ul>
    </div>
  );
}
