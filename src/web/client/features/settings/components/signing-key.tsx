import { useState, type JSX, type ReactNode } from 'react';
import { Button } from '../../../components/button.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { getOwnKey } from '../../../lib/api/signing-key.ts';
import { describe } from '../../../lib/errors.ts';
import { dateTime } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { useSession } from '../../../lib/session.ts';
import type { Strength } from '../../../lib/signer.ts';
import { useQuery } from '../../../lib/use-query.ts';
import { ChangePassphraseDialog, ExportKeyDialog, RevokeKeyDialog } from './key-dialogs.tsx';
import css from './settings.module.css';
import { SettingsSection } from './settings-section.tsx';

type Open = 'passphrase' | 'export' | 'revoke' | 'make' | undefined;

/** `makeKey` is the same form as at the first sign-in; the route brings it. */
export function SigningKeySettings({
  makeKey,
  strengthOf,
}: {
  makeKey: (close: () => void) => ReactNode;
  strengthOf: (passphrase: string) => Strength;
}): JSX.Element {
  const session = useSession();
  const key = useQuery(`key:${session.signingKey?.fingerprint ?? ''}`, () => getOwnKey());
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const done = (): void => {
    close();
    key.reload();
  };
  return (
    <SettingsSection title={t('settings.key')} intro={t('settings.keyIntro')}>
      {key.error !== undefined && <p className="faint">{describe(key.error)}</p>}
      {key.loading && !key.data && <Skeleton lines={3} />}
      {key.data && (
        <>
          <dl className={css['facts']}>
            <dt>{t('verdict.fingerprint')}</dt>
            <dd>
              <code>{key.data.fingerprint.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ')}</code>
            </dd>
            <dt>{t('settings.keyMade')}</dt>
            <dd>{dateTime(key.data.createdAt)}</dd>
          </dl>
          <div className={css['buttons']}>
            <Button onClick={() => setOpen('passphrase')}>{t('key.changePassphrase')}</Button>
            <Button onClick={() => setOpen('export')}>{t('key.export')}</Button>
            <Button tone="danger" onClick={() => setOpen('revoke')}>
              {t('key.revoke')}
            </Button>
          </div>
          {open === 'passphrase' && (
            <ChangePassphraseDialog ownKey={key.data} strengthOf={strengthOf} onClose={close} onDone={done} />
          )}
          {open === 'export' && <ExportKeyDialog ownKey={key.data} onClose={close} />}
          {open === 'revoke' && <RevokeKeyDialog onClose={close} onDone={done} />}
        </>
      )}
      {key.data === null && (
        <>
          <p>{t('settings.noKey')}</p>
          <Button tone="primary" onClick={() => setOpen('make')}>
            {t('key.make')}
          </Button>
        </>
      )}
      {open === 'make' && makeKey(done)}
    </SettingsSection>
  );
}
