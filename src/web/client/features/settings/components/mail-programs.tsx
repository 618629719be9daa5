import type { JSX } from 'react';
import type { MailPrograms, MailServiceView } from '../../../../../base/api-types.ts';
import buttons from '../../../components/button.module.css';
import { CopyButton } from '../../../components/copy-button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Download } from '../../../lib/icons.ts';
import { useQuery } from '../../../lib/use-query.ts';
import { appleProfilePath, getMailPrograms } from '../api/mail-programs.ts';
import css from './mail-programs.module.css';
import { SettingsSection } from './settings-section.tsx';

/** What to type into a phone or a mail program, as the server tells autoconfiguration. */
export function MailProgramSettings(): JSX.Element {
  const told = useQuery('mail-programs', () => getMailPrograms());
  return (
    <SettingsSection title={t('settings.mailPrograms')} intro={t('settings.mailProgramsIntro')}>
      {!told.data && told.error === undefined && <Skeleton lines={4} />}
      {told.error !== undefined && <p className="faint">{describe(told.error)}</p>}
      {told.data && <Told programs={told.data} />}
    </SettingsSection>
  );
}

function Told({ programs: { hostname, userName, services } }: { programs: MailPrograms }): JSX.Element {
  const incoming = services.filter(({ protocol }) => protocol === 'imap');
  const outgoing = services.filter(({ protocol }) => protocol === 'smtp');
  if (incoming.length === 0 || outgoing.length === 0) return <p>{t('settings.notOffered')}</p>;
  return (
    <>
      <div className={css['cards']}>
        <Server title={t('settings.incoming')} hostname={hostname} services={incoming} />
        <Server title={t('settings.outgoing')} hostname={hostname} services={outgoing} />
      </div>
      <dl className={css['values']}>
        <Value name={t('settings.userName')} value={userName} />
        <dt>{t('settings.programPassword')}</dt>
        <dd>{t('settings.programPasswordIs')}</dd>
      </dl>
      <div>
        <a className={`${buttons['button']} ${buttons['m']}`} href={appleProfilePath}>
          <Icon of={Download} />
          {t('settings.appleProfile')}
        </a>
        <p className={css['how']}>{t('settings.appleProfileHow')}</p>
      </div>
    </>
  );
}

function Server({
  title,
  hostname,
  services: [first, second],
}: {
  title: string;
  hostname: string;
  services: MailServiceView[];
}): JSX.Element {
  return (
    <section className={css['card']} aria-label={title}>
      <h3>{title}</h3>
      <dl className={css['values']}>
        <Value name={t('settings.server')} value={hostname} />
        {first && <Value name={t('settings.port')} value={String(first.port)} />}
        {first && <dt>{t('settings.security')}</dt>}
        {first && <dd>{t(`settings.security.${first.security}`)}</dd>}
      </dl>
      {second && (
        <p className={css['other']}>
          {t('settings.otherPort', { port: second.port, security: t(`settings.security.${second.security}`) })}
        </p>
      )}
    </section>
  );
}

function Value({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <span className={css['value']}>{value}</span>
        <CopyButton text={value} label={t('settings.copyValue', { name })} />
      </dd>
    </>
  );
}
