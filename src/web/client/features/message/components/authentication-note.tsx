import type { JSX } from 'react';
import type { Authentication } from '../../../../../base/api-types.ts';
import { Chip } from '../../../components/chip.tsx';
import { Icon } from '../../../components/icon.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import { ExternalLink, TriangleAlert } from '../../../lib/icons.ts';
import type { EmailAddress } from '../../../lib/jmap/types.ts';
import { authenticationView, domainOf, nameLooksLikeAddress, resultTone } from '../authentication.ts';
import css from './authentication-note.module.css';

interface Props {
  from: EmailAddress | undefined;
  authentication: Authentication | null;
  ownDomains: ReadonlySet<string>;
}

/** Only for senders elsewhere: who vouches for the address, and that it is from outside at all. */
export function AuthenticationNote({ from, authentication, ownDomains }: Props): JSX.Element | null {
  if (!from) return null;
  const domain = domainOf(from.email);
  const outside = !ownDomains.has(domain);
  const trick = nameLooksLikeAddress(from.name, from.email);
  if (!outside && !authentication && !trick) return null;
  const named = from.email.includes('@');
  const view = authentication ? authenticationView(authentication, domain) : undefined;
  return (
    <div className={`${css['note']} ${view ? css[view.tone] : ''}`}>
      <Icon of={view?.tone === 'danger' ? TriangleAlert : ExternalLink} small />
      <span>
        {outside && <b>{t('auth.external')} </b>}
        {named ? view?.text : <b>{t('auth.noAddress')}</b>}
        {named && trick && <b> {t('auth.nameTrick', { email: from.email })}</b>}
      </span>
      <span className={css['results']}>
        {view?.results.map(({ name, result }) => (
          <Chip key={name} tone={resultTone(result)}>
            {name} {t(`auth.result.${result}`)}
          </Chip>
        ))}
      </span>
    </div>
  );
}
