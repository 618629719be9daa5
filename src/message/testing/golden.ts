/** What is written down of each odd message: everything a reader, a list or IMAP would see. */
import { headerOf } from '../content.ts';
import { deriveMessage, messageText } from '../derive.ts';
import { decomposeBody } from '../jmap-body.ts';
import { parseMessage } from '../parse.ts';
import { findSignature } from '../signed.ts';
import type { Part } from '../types.ts';

export function describeMessage(bytes: Uint8Array): unknown {
  const parsed = parseMessage(bytes);
  const derived = deriveMessage(bytes);
  const { textBody, htmlBody, attachments } = decomposeBody(derived.root);
  const { signed, others, inline, extra } = findSignature(parsed, bytes);
  const paths = (parts: Part[]): string => parts.map((part) => part.path).join(' ');
  const text = messageText(bytes, derived.root);
  return JSON.parse(
    JSON.stringify({
      summary: present(derived.summary),
      fields: parsed.header.length,
      parts: lines(derived.root, bytes),
      body: { text: paths(textBody), html: paths(htmlBody), attachments: paths(attachments) },
      text,
      preview: derived.preview === text ? undefined : derived.preview,
      hasAttachment: derived.hasAttachment,
      attachments: derived.attachments.map(({ contentHash, ...rest }) => ({
        ...rest,
        contentHash: contentHash.slice(0, 12),
      })),
      baseSubject: derived.baseSubject,
      envelope: derived.imapEnvelope,
      bodyStructure: derived.imapBodyStructure,
      signature:
        extra.length + others.length > 0 || signed
          ? { covers: signed?.covers, others: others.length, inline, extra }
          : undefined,
    }),
  ) as unknown;
}

function present(summary: object): object {
  return Object.fromEntries(
    Object.entries(summary).filter(
      ([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** One line per entity: path, type, octets of header and body, lines, and whatever else is said of it. */
function lines(part: Part, bytes: Uint8Array): string[] {
  const { path, type, subtype, headerStart, bodyStart, bodyEnd, params, parts, message, ...rest } = part;
  const inside = parts ?? (message ? [message.root] : []);
  const { defects, lines: count, encoding, ...more } = rest;
  const said = [
    `${path || '-'} ${type}/${subtype}`,
    `[${headerStart},${bodyStart},${bodyEnd}]`,
    `${count} lines`,
    encoding,
    `${headerOf(bytes, part).length} fields`,
    ...(Object.keys(params).length > 0 ? [JSON.stringify(params)] : []),
    ...(Object.keys(more).length > 0 ? [JSON.stringify(more)] : []),
    ...(message ? [`subject ${JSON.stringify(message.summary.subject)}`] : []),
    ...(defects ? [`! ${defects.join(', ')}`] : []),
  ].join('  ');
  return [said, ...inside.flatMap((child) => lines(child, bytes)).map((line) => `  ${line}`)];
}
