import { useEffect, useState, type JSX } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { KeyForm } from '../../features/session/components/key-form.tsx';
import { useKeyMaking } from '../../features/session/hooks/use-key-making.ts';
import { changePassword, signOut } from '../../features/session/api/session.ts';
import { passwordProblem } from '../../features/session/password-rules.ts';
import { Appearance } from '../../features/settings/components/appearance.tsx';
import { AppPasswords } from '../../features/settings/components/app-passwords.tsx';
import { MailProgramSettings } from '../../features/settings/components/mail-programs.tsx';
import { PasswordSettings } from '../../features/settings/components/password.tsx';
import { SettingsSection } from '../../features/settings/components/settings-section.tsx';
import css from '../../features/settings/components/settings.module.css';
import { SigningKeySettings } from '../../features/settings/components/signing-key.tsx';
import { describe } from '../../lib/errors.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { LogOut } from '../../lib/icons.ts';
import { useSession } from '../../lib/session.ts';
import { toast } from '../../lib/toasts.ts';
import { strengthFor } from '../signing.ts';

export default function SettingsRoute(): JSX.Element {
  const { official } = useSession();
  const strengthOf = strengthFor([official.fullName, official.address, official.unitName ?? '']);
  const [ended, setEnded] = useState(0);
  useEffect(() => {
    document.title = `${t('nav.settings')} – Công Vụ`;
  }, []);
  const leave = (): void => {
    signOut().catch((error: unknown) => toast(describe(error), { tone: 'danger' }));
  };
  return (
    <main className={css['screen']}>
      <h1>{t('nav.settings')}</h1>
      <SettingsSection title={t('settings.account')} intro={t('settings.accountIntro')}>
        <dl className={css['facts']}>
          <dt>{t('settings.name')}</dt>
          <dd>{official.fullName}</dd>
          <dt>{t('session.address')}</dt>
          <dd>{official.address}</dd>
          <dt>{t('settings.post')}</dt>
          <dd>{[official.title, official.unitName].filter(Boolean).join(', ') || '—'}</dd>
        </dl>
        <Button icon={LogOut} onClick={leave}>
          {t('settings.signOut')}
        </Button>
      </SettingsSection>
      <Appearance />
      <SigningKeySettings strengthOf={strengthOf} makeKey={(close) => <MakeKey onClose={close} />} />
      <PasswordSettings
        problemOf={passwordProblem}
        change={changePassword}
        onEnded={() => setEnded((times) => times + 1)}
      />
      <AppPasswords key={ended} />
      <MailProgramSettings />
    </main>
  );
}

function MakeKey({ onClose }: { onClose: () => void }): JSX.Element {
  const { official } = useSession();
  const making = useKeyMaking(onClose);
  return (
    <Dialog title={t('key.title')} onClose={onClose}>
      <p>{t('key.intro')}</p>
      <KeyForm
        making={making}
        strengthOf={strengthFor([official.fullName, official.address, official.unitName ?? ''])}
      />
    </Dialog>
  );
}
