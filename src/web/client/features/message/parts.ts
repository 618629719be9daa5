/** Which parts of a message are its text, which are its files, and what lies outside of the signed content. */
import type { DocumentMark, Verdict } from '../../../../base/api-types.ts';
import { t, type Key } from '../../lib/i18n/i18n.ts';
import type { BodyPart, EmailBody } from '../../lib/jmap/types.ts';

const isText = (part: BodyPart): boolean => part.type === 'text/plain' || part.type === 'text/html';

/** RFC 8621 §4.1.4: htmlBody in order; a part there may be plain text as well. */
export function shownParts(body: EmailBody): BodyPart[] {
  const html = body.htmlBody.filter(isText);
  return html.length > 0 ? html : body.textBody.filter(isText);
}
/** `partId` is the MIME path; the signed content is the subtree at `signedPart`. */
export function isOutsideSigned(verdict: Verdict | null, part: Pick<BodyPart, 'partId'>): boolean {
  if (verdict?.kind !== 'partlySigned' || verdict.signedPart === undefined) return false;
  const { signedPart } = verdict;
  return part.partId !== signedPart && !part.partId?.startsWith(`${signedPart}.`);
}
/** Signatures are shown as the verdict, pictures of the text inside of it. */
export function shownFiles(body: EmailBody): BodyPart[] {
  const html = shownParts(body)
    .map((part) => body.bodyValues[part.partId ?? '']?.value ?? '')
    .join();
  return body.attachments.filter((part) => {
    if (/^application\/(pgp-signature|(x-)?pkcs7-signature|pgp-encrypted)$/.test(part.type)) return false;
    return !(part.cid && part.type.startsWith('image/') && html.includes(`cid:${part.cid}`));
  });
}
export const markOf = (marks: readonly DocumentMark[], part: BodyPart): DocumentMark | undefined =>
  marks.find(({ partId }) => partId === part.partId);

/** Without what turns the reading direction: "hoadon\u202efdp.exe" would be read as "hoadonexe.pdf". */
export const fileName = (part: Pick<BodyPart, 'name'>): string | undefined =>
  part.name?.replace(/[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, '') || undefined;

export type Preview = 'pdf' | 'image' | null;
export function previewOf(part: Pick<BodyPart, 'type' | 'name' | 'size'>): Preview {
  if (part.size > 40_000_000) return null;
  const name = part.name?.toLowerCase() ?? '';
  if (part.type === 'application/pdf' || name.endsWith('.pdf')) return 'pdf';
  if (/^image\/(png|jpe?g|gif|webp|bmp)$/.test(part.type)) return 'image';
  return null;
}
const unnamed: Record<string, Key> = {
  'message/delivery-status': 'message.deliveryStatus',
  'message/disposition-notification': 'message.readReceipt',
  'message/rfc822': 'message.attachedMessage',
  'message/global': 'message.attachedMessage',
  'text/rfc822-headers': 'message.originalHeaders',
  'text/calendar': 'message.invitation',
};
/** Reports and invitations come without a file name: then what they are. */
export const shownName = (part: Pick<BodyPart, 'name' | 'type'>): string =>
  fileName(part) ?? t(unnamed[part.type.toLowerCase()] ?? 'message.unnamedFile');
/** "PDF", "XLSX": what the card's corner says. */
export function kindOf(part: Pick<BodyPart, 'type' | 'name'>): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(part.name ?? '')?.[1];
  return (extension ?? part.type.split('/')[1]?.split(/[.+-]/).pop() ?? '?').slice(0, 4).toUpperCase();
}
