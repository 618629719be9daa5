import type { JSX } from 'react';
import { EntryFrame } from '../../features/session/components/entry-frame.tsx';
import { KeyForm } from '../../features/session/components/key-form.tsx';
import { PasswordForm } from '../../features/session/components/password-form.tsx';
import { SignInForm } from '../../features/session/components/sign-in-form.tsx';
import { useKeyMaking } from '../../features/session/hooks/use-key-making.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { sessionStore, useSession } from '../../lib/session.ts';
import { useStore } from '../../lib/store.ts';
import { openSigningDesk, strengthFor } from '../signing.ts';

/** Before the desk: sign in, then the first password, then the first key. */
export default function EntryRoute({ onLater }: { onLater: () => void }): JSX.Element {
  const session = useStore(sessionStore);
  if (!session) return <SignInForm />;
  if (session.mustChangePassword) return <PasswordForm />;
  openSigningDesk();
  return <FirstKey onLater={onLater} />;
}

function FirstKey({ onLater }: { onLater: () => void }): JSX.Element {
  const { official } = useSession();
  const making = useKeyMaking();
  return (
    <EntryFrame title={t('key.title')} intro={t('key.intro')}>
      <KeyForm
        making={making}
        strengthOf={strengthFor([official.fullName, official.address, official.unitName ?? ''])}
        onLater={onLater}
      />
    </EntryFrame>
  );
}
