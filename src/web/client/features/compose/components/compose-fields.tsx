import { useId, useState, type JSX } from 'react';
import { t } from '../../../lib/i18n/i18n.ts';
import type { Compose } from '../hooks/use-compose.ts';
import css from './compose.module.css';
import { RecipientField } from './recipient-field.tsx';

export function ComposeFields({ compose, autoFocus }: { compose: Compose; autoFocus: 'to' | 'text' }): JSX.Element {
  const { draft, set, identities, identity, choose } = compose;
  const [cc, setCc] = useState(false);
  const [bcc, setBcc] = useState(false);
  const id = useId();
  const showCc = cc || draft.cc.length > 0;
  const showBcc = bcc || draft.bcc.length > 0;
  return (
    <>
      <div className={css['field']}>
        <label htmlFor={`${id}-from`}>{t('compose.from')}</label>
        <select id={`${id}-from`} value={identity?.id ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
          {identities.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} · {one.email}
            </option>
          ))}
        </select>
      </div>
      <RecipientField
        label={t('compose.to')}
        value={draft.to}
        onChange={(to) => set({ to })}
        autoFocus={autoFocus === 'to'}
      >
        {(!showCc || !showBcc) && (
          <span className={css['more']}>
            {!showCc && (
              <button type="button" onClick={() => setCc(true)}>
                {t('compose.cc')}
              </button>
            )}
            {!showBcc && (
              <button type="button" onClick={() => setBcc(true)}>
                {t('compose.bcc')}
              </button>
            )}
          </span>
        )}
      </RecipientField>
      {showCc && (
        <RecipientField
          label={t('compose.cc')}
          value={draft.cc}
          onChange={(next) => (setCc(true), set({ cc: next }))}
          autoFocus={cc && draft.cc.length === 0}
        />
      )}
      {showBcc && (
        <RecipientField
          label={t('compose.bcc')}
          value={draft.bcc}
          onChange={(next) => (setBcc(true), set({ bcc: next }))}
          autoFocus={bcc && draft.bcc.length === 0}
        />
      )}
      <div className={css['field']}>
        <label htmlFor={`${id}-subject`}>{t('compose.subject')}</label>
        <input
          id={`${id}-subject`}
          className={css['subject']}
          value={draft.subject}
          maxLength={900}
          autoComplete="off"
          onChange={(event) => set({ subject: event.currentTarget.value })}
        />
      </div>
    </>
  );
}
