/** Words and tones for documents, alike wherever they appear. */
import type { DocumentMark, Urgency, VerdictKind } from '../../../base/api-types.ts';
import type { ChipTone } from '../components/chip.tsx';
import { t } from './i18n/i18n.ts';

const order: Urgency[] = ['thuong', 'khan', 'thuong_khan', 'hoa_toc'];
export function highestUrgency(marks: readonly Pick<DocumentMark, 'urgency'>[]): Urgency {
  return marks.reduce<Urgency>(
    (top, mark) => (order.indexOf(mark.urgency) > order.indexOf(top) ? mark.urgency : top),
    'thuong',
  );
}
export function urgencyWords(urgency: Urgency): string {
  return t(`urgency.${urgency}`);
}
export const urgencyTone = (urgency: Urgency): ChipTone =>
  urgency === 'hoa_toc' ? 'hot' : urgency === 'thuong' ? 'plain' : 'warn';

export function verdictShort(kind: VerdictKind): { text: string; tone: ChipTone } {
  const tone: Record<VerdictKind, ChipTone> = {
    whole: 'ok',
    altered: 'danger',
    notSender: 'danger',
    revoked: 'danger',
    expired: 'warn',
    unknownSigner: 'warn',
    partlySigned: 'warn',
    unsigned: 'plain',
  };
  return { text: t(`verdict.short.${kind}`), tone: tone[kind] };
}
