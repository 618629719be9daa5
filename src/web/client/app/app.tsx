import { Suspense, useEffect, useState, type JSX } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Fetched } from '../components/fetched.tsx';
import { PaneBoundary } from '../components/pane-boundary.tsx';
import { Skeleton } from '../components/skeleton.tsx';
import { Toasts } from '../components/toasts.tsx';
import { followTab, loadSession, sessionEnded } from '../features/session/api/session.ts';
import { describe } from '../lib/errors.ts';
import { online, signedOut } from '../lib/http.ts';
import { localeStore, t } from '../lib/i18n/i18n.ts';
import { CircleAlert, WifiOff } from '../lib/icons.ts';
import { hubStore, openHub, quietly } from '../lib/jmap/hub.ts';
import { lazily } from '../lib/lazily.tsx';
import { sessionStore } from '../lib/session.ts';
import { useStore } from '../lib/store.ts';
import { listenToTabs } from '../lib/tabs.ts';
import { Icon } from '../components/icon.tsx';
import css from './app.module.css';
import { ComposeHost } from './compose-host.tsx';
import { ConfirmPassword } from './confirm-password.tsx';
import { Rail } from './rail.tsx';
import { MailRoute } from './routes/mail.tsx';
import { openSigningDesk } from './signing.ts';

const EntryRoute = lazily(() => import('./routes/entry.tsx'));
const DocumentsRoute = lazily(() => import('./routes/documents.tsx'));
const DirectoryRoute = lazily(() => import('./routes/directory.tsx'));
const SettingsRoute = lazily(() => import('./routes/settings.tsx'));
/** Whose question for a key was put off in this tab; a reload does not ask again. */
const LATER = 'congvu.keyLater';

const HelpRoute = lazily(() => import('./help.tsx'));
const SCREENS = ['documents', 'directory', 'settings'];

export function App(): JSX.Element {
  const { locale } = useStore(localeStore);
  const session = useStore(sessionStore);
  const [error, setError] = useState<unknown>();
  const [later, setLater] = useState(() => sessionStorage.getItem(LATER));
  const expired = useStore(signedOut);
  useEffect(() => {
    loadSession().catch(setError);
    return listenToTabs(followTab);
  }, []);
  useEffect(() => {
    if (expired > 0) sessionEnded();
  }, [expired]);
  if (error !== undefined)
    return (
      <EmptyState icon={CircleAlert} title={t('common.cannotStart')}>
        <p>{describe(error)}</p>
        <Button onClick={() => location.reload()}>{t('common.retry')}</Button>
      </EmptyState>
    );
  if (session === undefined) return <Frame />;
  const entry =
    !session || session.mustChangePassword || (!session.signingKey && later !== String(session.official.id));
  const putOff = (id: string): void => {
    sessionStorage.setItem(LATER, id);
    setLater(id);
  };
  return (
    <div key={locale} className={css['root']}>
      {entry ? (
        <Fetched>
          <EntryRoute onLater={() => session && putOff(String(session.official.id))} />
        </Fetched>
      ) : (
        <Desk />
      )}
      <ConfirmPassword />
      <Toasts />
    </div>
  );
}

/** The desk's grid before anything is known: what comes takes its place without moving it. */
function Frame(): JSX.Element {
  return (
    <div className={css['desk']} aria-busy="true">
      <div className={css['railGhost']} />
    </div>
  );
}

function Desk(): JSX.Element {
  const hub = useStore(hubStore);
  const isOnline = useStore(online);
  const [error, setError] = useState<unknown>();
  // A screen that failed must not stand in the way of the others.
  const [path] = useLocation();
  const screen = SCREENS.find((one) => path.startsWith(`/${one}`)) ?? 'mail';
  useEffect(() => {
    openSigningDesk();
    if (hubStore.get()) return;
    openHub().then((opened) => {
      // Counts on the rail and folders for a new message, also on screens without mail.
      for (const store of opened.accounts.values()) quietly(store.loadMailboxes());
    }, setError);
  }, []);
  if (error !== undefined)
    return (
      <EmptyState icon={CircleAlert} title={t('common.cannotStart')}>
        <p>{describe(error)}</p>
        <Button onClick={() => location.reload()}>{t('common.retry')}</Button>
      </EmptyState>
    );
  if (!hub) return <Frame />;
  return (
    <div className={css['desk']}>
      <Rail />
      <Fetched
        key={screen}
        waiting={
          <div className={css['waiting']} aria-busy="true">
            <Skeleton lines={9} />
          </div>
        }
      >
        <Switch>
          <Route path="/documents/*?" component={DocumentsRoute} />
          <Route path="/directory" component={DirectoryRoute} />
          <Route path="/settings" component={SettingsRoute} />
          <Route component={MailRoute} />
        </Switch>
      </Fetched>
      {!isOnline && (
        <div role="status" className={css['offline']}>
          <Icon of={WifiOff} small />
          {t('common.offline')}
        </div>
      )}
      <ComposeHost />
      <PaneBoundary onFail={() => undefined}>
        <Suspense fallback={null}>
          <HelpRoute />
        </Suspense>
      </PaneBoundary>
    </div>
  );
}
