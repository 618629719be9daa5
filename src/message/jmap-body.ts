/** RFC 8621 §4.1.4: which parts are the text, which the HTML, which are files. The algorithm is the RFC's, step by step. */
import type { Part } from './types.ts';

export interface BodyLists {
  textBody: Part[];
  htmlBody: Part[];
  attachments: Part[];
}

export function decomposeBody(root: Part): BodyLists {
  const attachments: Part[] = [];
  const textBody: Part[] = [];
  const htmlBody: Part[] = [];
  parseStructure([root], 'mixed', false, htmlBody, textBody, attachments);
  return { textBody, htmlBody, attachments };
}

/** A list is null where the RFC sets it to null: inside an alternative a branch of HTML has no say in the plain text. */
function parseStructure(
  parts: readonly Part[],
  multipartType: string,
  inAlternative: boolean,
  html: Part[] | null,
  text: Part[] | null,
  attachments: Part[],
): void {
  let htmlBody = html;
  let textBody = text;
  const textLength = textBody?.length ?? -1;
  const htmlLength = htmlBody?.length ?? -1;
  parts.forEach((part, at) => {
    if (part.parts) {
      const alternative = inAlternative || part.subtype === 'alternative';
      parseStructure(part.parts, part.subtype, alternative, htmlBody, textBody, attachments);
      return;
    }
    if (!isInline(part, at, multipartType)) {
      attachments.push(part);
      return;
    }
    if (multipartType === 'alternative') {
      const list = isType(part, 'plain') ? textBody : isType(part, 'html') ? htmlBody : attachments;
      list?.push(part);
      return;
    }
    if (inAlternative && isType(part, 'plain')) htmlBody = null;
    if (inAlternative && isType(part, 'html')) textBody = null;
    textBody?.push(part);
    htmlBody?.push(part);
    if ((!textBody || !htmlBody) && isInlineMediaType(part.type)) attachments.push(part);
  });
  if (multipartType !== 'alternative' || !textBody || !htmlBody) return;
  // Found HTML part only, or plain text part only: it serves as both.
  const noText = textLength === textBody.length;
  const noHtml = htmlLength === htmlBody.length;
  if (noText && !noHtml) textBody.push(...htmlBody.slice(htmlLength));
  if (noHtml && !noText) htmlBody.push(...textBody.slice(textLength));
}

/** Is this a body part rather than an attachment? */
function isInline(part: Part, at: number, multipartType: string): boolean {
  const media = isInlineMediaType(part.type);
  if (part.disposition === 'attachment' || !(media || isType(part, 'plain') || isType(part, 'html'))) return false;
  // multipart/related: only the first part can be inline. A text part with a file name that is not the first item in
  // its multipart is taken for an attachment.
  return at === 0 || (multipartType !== 'related' && (media || !part.filename));
}

function isType(part: Part, subtype: string): boolean {
  return part.type === 'text' && part.subtype === subtype;
}

function isInlineMediaType(type: string): boolean {
  return type === 'image' || type === 'audio' || type === 'video';
}
