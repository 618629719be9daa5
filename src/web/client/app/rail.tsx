import type { JSX } from 'react';
import { Link, useLocation } from 'wouter';
import { Avatar } from '../components/avatar.tsx';
import { Icon, type IconNode } from '../components/icon.tsx';
import { number } from '../lib/format.ts';
import { t } from '../lib/i18n/i18n.ts';
import { FileText, Mail, Settings, Users } from '../lib/icons.ts';
import { useHub, useMailStore } from '../lib/jmap/hub.ts';
import { useSession } from '../lib/session.ts';
import css from './rail.module.css';

function Entry({
  href,
  icon,
  name,
  on,
  count = 0,
}: {
  href: string;
  icon: IconNode;
  name: string;
  on: boolean;
  count?: number;
}): JSX.Element {
  return (
    <Link href={href} className={`${css['entry']} ${on ? css['on'] : ''}`} aria-current={on ? 'page' : undefined}>
      <Icon of={icon} />
      {name}
      {count > 0 && (
        <b>
          {count > 99 ? '99+' : number(count)}
          <span className="sr"> {t('mail.unread')}</span>
        </b>
      )}
    </Link>
  );
}

export function Rail(): JSX.Element {
  const [path] = useLocation();
  const session = useSession();
  const hub = useHub();
  const store = useMailStore(hub.primary);
  const inbox = [...store.mailboxes.values()].find(({ role }) => role === 'inbox');
  return (
    <nav className={css['rail']} aria-label={t('nav.main')}>
      <img className={css['mark']} src="/emblem.svg" width="36" height="36" alt="Công Vụ" />
      <Entry
        href="/mail"
        icon={Mail}
        name={t('nav.mail')}
        // Whatever is no other screen's address shows the mail.
        on={!/^\/(documents|directory|settings)\b/.test(path)}
        count={inbox?.unreadEmails ?? 0}
      />
      <Entry href="/documents" icon={FileText} name={t('nav.documents')} on={path.startsWith('/documents')} />
      <Entry href="/directory" icon={Users} name={t('nav.directory')} on={path.startsWith('/directory')} />
      <span className={css['space']} />
      <Entry href="/settings" icon={Settings} name={t('nav.settings')} on={path.startsWith('/settings')} />
      <span className={css['me']} title={`${session.official.fullName} · ${session.official.address}`}>
        <Avatar name={session.official.fullName} />
      </span>
    </nav>
  );
}
