/** One FETCH response (RFC 9051 §7.5.2). Message content is read and sent slice by slice, each after the one before was taken. */
import { unreachable } from '../../base/errors.ts';
import type { Placed, PlacedDetail } from '../../mailstore/types.ts';
import { bodyOnly } from '../../message/imap-structure.ts';
import { Torn } from '../errors.ts';
import { printFlags } from '../flags.ts';
import { emailIdText, threadIdText } from '../object-id.ts';
import type { Session } from '../session.ts';
import { Gone, TimedOut } from '../transport.ts';
import type { FetchAtt, PlainItem } from '../wire/fetch-att.ts';
import { dateTime, string } from '../wire/print.ts';
import { binaryOf, contentOf, cut, lengthOf, type Content, type Source } from './section.ts';

/** Octets of a message held for one client at a time. */
const SLICE = 256 * 1024;

/** What the stored row alone answers. */
const FROM_PLACE: ReadonlySet<PlainItem> = new Set<PlainItem>([
  'UID',
  'FLAGS',
  'INTERNALDATE',
  'RFC822.SIZE',
  'MODSEQ',
  'EMAILID',
  'THREADID',
  'SAVEDATE',
]);

export const needsDetail = (atts: readonly FetchAtt[]): boolean =>
  atts.some((a) => (a.kind === 'plain' ? !FROM_PLACE.has(a.item) : !isWhole(a)));

/** BODY[] needs no structure. */
const isWhole = (att: FetchAtt): boolean =>
  att.kind !== 'plain' && att.section.part.length === 0 && att.section.text === undefined;

/** What is not there or cannot be decoded shows before the first octet of the answer; a fault after it tears the connection. */
export async function renderFetch(
  session: Session,
  seq: number,
  row: Placed,
  detail: PlacedDetail | undefined,
  atts: readonly FetchAtt[],
): Promise<void> {
  const read = (start: number, end: number): Promise<Uint8Array> => session.store.bytes(row.blobHash, start, end);
  const pieces: (Content | undefined)[] = [];
  for (const att of atts) pieces.push(att.kind === 'plain' ? undefined : await find(att, row, detail, read));
  const { out } = session;
  try {
    let separator = `* ${seq} FETCH (`;
    for (const [i, att] of atts.entries()) {
      out.raw(separator);
      separator = ' ';
      if (att.kind === 'plain') out.raw(plain(session, att.item, row, detail));
      else await content(session, att, pieces[i], read);
    }
    out.raw(')\r\n');
    if (out.shouldFlush) await out.flush();
  } catch (error) {
    if (error instanceof Gone || error instanceof TimedOut) throw error;
    throw new Torn('a FETCH response broke off', { cause: error });
  }
}

function plain(session: Session, item: PlainItem, row: Placed, detail: PlacedDetail | undefined): string {
  switch (item) {
    case 'UID':
      return `UID ${row.uid}`;
    case 'FLAGS':
      return `FLAGS ${printFlags(row)}`;
    case 'INTERNALDATE':
      return `INTERNALDATE ${dateTime(row.receivedAt)}`;
    case 'SAVEDATE':
      return `SAVEDATE ${dateTime(row.savedAt)}`;
    case 'RFC822.SIZE':
      return `RFC822.SIZE ${row.size}`;
    case 'MODSEQ':
      return `MODSEQ (${row.modseq})`;
    case 'EMAILID':
      return `EMAILID (${emailIdText(session.view.ref, row.emailId)})`;
    case 'THREADID':
      return `THREADID (${threadIdText(session.view.ref, row.threadId)})`;
    case 'ENVELOPE':
      return `ENVELOPE ${detail?.imapEnvelope ?? ''}`;
    case 'BODYSTRUCTURE':
      return `BODYSTRUCTURE ${detail?.imapBodyStructure ?? ''}`;
    case 'BODY':
      return `BODY ${detail ? bodyOnly(detail.root) : ''}`;
    case 'PREVIEW':
      return `PREVIEW ${string(detail?.preview ?? '', session.utf8)}`;
    default:
      return unreachable(item);
  }
}

type ContentAtt = Exclude<FetchAtt, { kind: 'plain' }>;

async function find(
  att: ContentAtt,
  row: Placed,
  detail: PlacedDetail | undefined,
  read: Source['read'],
): Promise<Content | undefined> {
  if (!detail) return { start: 0, end: row.size };
  const source = { size: row.size, root: detail.root, read };
  return att.kind === 'body' ? contentOf(source, att.section) : binaryOf(source, att.section);
}

async function content(
  session: Session,
  att: ContentAtt,
  found: Content | undefined,
  read: Source['read'],
): Promise<void> {
  const { out } = session;
  if (att.kind === 'binarySize') {
    out.raw(`${att.label} ${found ? lengthOf(found) : 0}`);
    return;
  }
  // RFC 9051 §6.4.5: a part that is not there is NIL.
  if (!found) {
    out.raw(`${att.label} NIL`);
    return;
  }
  const piece = cut(found, att.partial);
  const binary = att.kind === 'binary' && 'bytes' in piece && piece.bytes.includes(0);
  out.raw(`${att.label} ${binary ? '~' : ''}{${lengthOf(piece)}}\r\n`);
  await send(session, piece, read);
}

async function send({ out }: Session, piece: Content, read: Source['read']): Promise<void> {
  if ('bytes' in piece) {
    out.raw(piece.bytes);
    if (out.shouldFlush) await out.flush();
    return;
  }
  for (let at = piece.start; at < piece.end; at += SLICE) {
    out.raw(await read(at, Math.min(at + SLICE, piece.end)));
    if (out.shouldFlush) await out.flush();
  }
}
