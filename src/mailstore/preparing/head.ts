/**
 * The least that can be said of a message: for one that ends every thread that takes it apart. It is stored octet by octet as it
 * came; its body is one file.
 */
import { packUp } from '../../blobs/blob-store.ts';
import { baseSubject } from '../../message/base-subject.ts';
import { asBuffer } from '../../message/charset.ts';
import { imapBodyStructure, imapEnvelope } from '../../message/imap-structure.ts';
import { parseMessage } from '../../message/parse.ts';
import type { DerivedMessage, ParsedMessage, Part } from '../../message/types.ts';
import type { Digest } from './digest.ts';

/** Below every other: `check` names it, `repair` tries again. */
export const UNREAD_VERSION = 0;
/** In `defects` of its only part. */
const DEFECT = 'not-taken-apart';

const LIMITS = { depth: 0, parts: 1, headerBytes: 64 * 1024, headerFields: 500, text: 0 };

/** Of its header, within narrow limits. */
export function headDigest(bytes: Uint8Array): Promise<Digest> {
  const bodyStart = endOfHeader(bytes);
  return digestOf(bytes, bodyStart, parseMessage(bytes.subarray(0, bodyStart), LIMITS));
}

/** Of nothing but where its header ends: nothing in a message can make this fail. */
export function bareDigest(bytes: Uint8Array): Promise<Digest> {
  const nobody = { from: [], sender: [], replyTo: [], to: [], cc: [], bcc: [] };
  const summary = {
    ...{ messageId: [], inReplyTo: [], references: [], subject: '', sentAt: null, sentZone: null },
    ...nobody,
  };
  return digestOf(bytes, endOfHeader(bytes), { header: [], summary, people: new Map() });
}

async function digestOf(
  bytes: Uint8Array,
  bodyStart: number,
  { header, summary, people }: Pick<ParsedMessage, 'header' | 'summary' | 'people'>,
): Promise<Digest> {
  const root: Part = {
    ...{ path: '1', headerStart: 0, bodyStart, bodyEnd: bytes.length, lines: 0 },
    ...{ type: 'application', subtype: 'octet-stream', params: {}, encoding: 'binary', defects: [DEFECT] },
  };
  const derived: DerivedMessage = {
    ...{ version: UNREAD_VERSION, size: bytes.length, summary, root },
    ...{ preview: '', hasAttachment: true, attachments: [], baseSubject: baseSubject(summary.subject).text },
    ...{ imapEnvelope: imapEnvelope(header, people), imapBodyStructure: imapBodyStructure(root) },
  };
  return { derived, packing: await packUp(asBuffer(bytes), []) };
}

function endOfHeader(bytes: Uint8Array): number {
  const octets = asBuffer(bytes);
  for (const blank of ['\r\n', '\n']) if (octets.indexOf(blank, 0, 'latin1') === 0) return blank.length;
  const ends = ['\n\r\n', '\n\n'].map((blank) => ({ at: octets.indexOf(blank, 0, 'latin1'), length: blank.length }));
  const found = ends.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
  return found ? found.at + found.length : bytes.length;
}
