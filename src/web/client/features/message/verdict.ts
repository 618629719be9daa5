/** The one line that says what may be believed (docs/trust-verdict.md): words and tone for every kind of verdict. */
import type { Verdict } from '../../../../base/api-types.ts';
import type { IconNode } from '../../components/icon.tsx';
import { dateTime } from '../../lib/format.ts';
import { t, tMaybe } from '../../lib/i18n/i18n.ts';
import { BadgeCheck, Clock as ClockIcon, ShieldAlert, ShieldOff, ShieldQuestionMark, UserX } from '../../lib/icons.ts';

export interface VerdictView {
  tone: 'ok' | 'warn' | 'danger' | 'plain';
  icon: IconNode;
  /** What one may believe, in the first words. */
  lead: string;
  rest: string;
}

function signerWords(verdict: Verdict): { name: string; post: string } {
  const signer = verdict.signer;
  if (!signer) return { name: t('verdict.someone'), post: '' };
  const behalf = verdict.onBehalfOf;
  const name = behalf ? t('verdict.onBehalf', { name: signer.name, unit: behalf.name }) : signer.name;
  return { name, post: [signer.title, signer.unit].filter(Boolean).join(', ') };
}
function filesWords(verdict: Verdict): string {
  const n = verdict.files.signed;
  return n === 0 ? t('verdict.textWhole') : t('verdict.allWhole', { n });
}

/** null: the key is still being asked of its domain. */
export function verdictView(verdict: Verdict | null): VerdictView {
  if (!verdict) return { tone: 'plain', icon: ClockIcon, lead: t('verdict.pending'), rest: t('verdict.pendingRest') };
  const { name, post } = signerWords(verdict);
  const by = [name, post].filter(Boolean).join(', ');
  const address = verdict.signer?.address ?? '';
  switch (verdict.kind) {
    case 'whole':
      return {
        tone: 'ok',
        icon: BadgeCheck,
        lead: t('verdict.whole', { name }),
        rest: [post, filesWords(verdict)].filter(Boolean).join(' · '),
      };
    case 'altered':
      return {
        tone: 'danger',
        icon: ShieldAlert,
        lead: t('verdict.altered'),
        rest: verdict.changedHeaders?.length ? t('verdict.alteredHeaders') : t('verdict.alteredRest'),
      };
    case 'notSender':
      return {
        tone: 'danger',
        icon: UserX,
        lead: t('verdict.notSender'),
        rest: t('verdict.notSenderRest', { by, address }),
      };
    case 'unknownSigner':
      return {
        tone: 'warn',
        icon: ShieldQuestionMark,
        lead: t('verdict.unknownSigner'),
        rest: verdict.checks.some(({ check, ok }) => check === 'key' && !ok)
          ? t('verdict.noKeyRest')
          : t('verdict.unknownSignerRest', { address: address || t('verdict.unnamed') }),
      };
    case 'revoked':
      return { tone: 'danger', icon: ShieldOff, lead: t('verdict.revoked'), rest: revokedRest(verdict, by) };
    case 'expired':
      return { tone: 'warn', icon: ShieldOff, lead: t('verdict.expired'), rest: t('verdict.expiredRest', { by }) };
    case 'partlySigned':
      return {
        tone: 'warn',
        icon: ShieldAlert,
        lead: t('verdict.partlySigned', { name }),
        rest:
          verdict.signedPart === undefined
            ? t('verdict.partlySignedHeaders')
            : t('verdict.partlySignedRest', { n: verdict.files.unsigned }),
      };
    case 'unsigned':
      return { tone: 'plain', icon: ShieldOff, lead: t('verdict.unsigned'), rest: t('verdict.unsignedRest') };
  }
}
function revokedRest(verdict: Verdict, by: string): string {
  const { revocation } = verdict;
  if (!revocation) return t('verdict.revokedRest', { by });
  const reason = tMaybe(`verdict.reason.${revocation.reason}`) ?? revocation.reason;
  return t('verdict.revokedAt', { by, at: dateTime(revocation.at), reason });
}
/** "Subject": what the reader knows the line as; one unknown here by its name. */
export const headerWords = (field: string): string => tMaybe(`header.${field.toLowerCase()}`) ?? field;
/** Checks have stable names; one unknown here is shown by its name. */
export const checkWords = (check: string): string => tMaybe(`check.${check}`) ?? check;

type Check = Verdict['checks'][number];
/** The server notes its evidence for machines: words for what a reader can use, the rest as it stands. */
export function detailWords({ check, detail = '' }: Check, { signer }: Verdict): string {
  switch (check) {
    // Stands above, with the name.
    case 'key':
      return signer && detail.includes(signer.fingerprint) ? '' : detail;
    case 'time':
      return detail.replace(/^signed (\S+), arrived (\S+)$/, (_, signed: string, arrived: string) =>
        t('detail.time', { signed: dateTime(signed), arrived: dateTime(arrived) }),
      );
    case 'notRevoked':
      return detail.replace(
        /^(\w+) (\d{4}-\S+Z)$/,
        (_, reason: string, at: string) => `${tMaybe(`verdict.reason.${reason}`) ?? reason}, ${dateTime(at)}`,
      );
    case 'sender':
      return tMaybe(`detail.sender.${detail}`) ?? detail;
    case 'micalg':
      return detail.replace(/^stated (\S+), used (\S+)$/, (_, stated: string, used: string) =>
        t('detail.micalg', { stated, used }),
      );
    case 'headersUnchanged':
    case 'headersCovered':
      return tMaybe(`detail.${detail}`) ?? detail.split(', ').map(headerWords).join(', ');
    default:
      return detail
        .split(', ')
        .map((one) => tMaybe(`detail.${one}`) ?? one)
        .join(', ');
  }
}
