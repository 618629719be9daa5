/** One FETCH response (RFC 9051 §7.5.2). Message content is read and sent piece by piece, each after the one before was taken. */
import { unreachable } from '../../base/errors.ts';
import type { FetchNeeds, FetchRow } from '../../mailstore/types.ts';
import { bodyOnly } from '../../message/imap-structure.ts';
import { Torn } from '../errors.ts';
import { printFlags } from '../flags.ts';
import { emailIdText, threadIdText } from '../object-id.ts';
import type { Session } from '../session.ts';
import { Gone, TimedOut } from '../transport.ts';
import type { FetchAtt, PlainItem, Section } from '../wire/fetch-att.ts';
import { dateTime, string } from '../wire/print.ts';
import { binaryOf, contentOf, cut, lengthOf, type Content, type Source } from './section.ts';

const LINES: ReadonlySet<PlainItem> = new Set<PlainItem>(['ENVELOPE', 'BODYSTRUCTURE']);
const DERIVED: ReadonlySet<PlainItem> = new Set<PlainItem>(['BODY', 'PREVIEW']);

/** What must be read beside the place; BODY[] needs no structure. */
export const needsOf = (atts: readonly FetchAtt[]): FetchNeeds => ({
  lines: atts.some((a) => a.kind === 'plain' && LINES.has(a.item)),
  derived: atts.some((a) => (a.kind === 'plain' ? DERIVED.has(a.item) : !isWhole(a.section))),
});

/** The whole message once, all of it, and besides only what stands in its row: then many go out together (whole.ts). */
export function asksWhole(atts: readonly FetchAtt[]): boolean {
  const [content, more] = atts.filter((a) => a.kind !== 'plain');
  return content?.kind === 'body' && !more && isWhole(content.section) && !content.partial;
}

const isWhole = ({ part, text }: Section): boolean => part.length === 0 && text === undefined;

/** The words of an answer before and after the message itself, where `asksWhole`. */
export function aroundWhole(
  session: Session,
  seq: number,
  row: FetchRow,
  atts: readonly FetchAtt[],
): { before: string; after: string } {
  const at = atts.findIndex((att) => att.kind !== 'plain');
  const words = atts.map((att) =>
    att.kind === 'plain' ? plain(session, att.item, row) : `${att.label} {${row.size}}`,
  );
  const after = [')', ...words.slice(at + 1)];
  return {
    before: `* ${seq} FETCH (${words.slice(0, at + 1).join(' ')}\r\n`,
    after: `${after.length > 1 ? ' ' : ''}${after.slice(1).join(' ')})\r\n`,
  };
}

/** What is not there or cannot be decoded shows before the first octet of the answer; a fault after it tears the connection. */
export async function renderFetch(
  session: Session,
  seq: number,
  row: FetchRow,
  atts: readonly FetchAtt[],
): Promise<void> {
  const { out } = session;
  let text = `* ${seq} FETCH (`;
  if (atts.every((a) => a.kind === 'plain')) {
    for (const [i, att] of atts.entries()) text += (i > 0 ? ' ' : '') + plain(session, att.item, row);
    out.raw(`${text})\r\n`);
  } else {
    const pieces = await found(session, row, atts);
    const begun = await beginOnly(session, row, atts, pieces);
    try {
      for (const [i, att] of atts.entries()) {
        out.raw(i > 0 ? ' ' : text);
        if (att.kind === 'plain') out.raw(plain(session, att.item, row));
        else
          await content(
            session,
            att,
            pieces[i],
            begun ?? ((piece) => session.store.pieces(row.blobHash, piece.start, piece.end)),
          );
      }
      out.raw(')\r\n');
    } catch (error) {
      if (error instanceof Gone || error instanceof TimedOut) throw error;
      throw new Torn('a FETCH response broke off', { cause: error });
    }
  }
  if (out.shouldFlush) await out.flush();
}

function plain(session: Session, item: PlainItem, row: FetchRow): string {
  switch (item) {
    case 'UID':
      return `UID ${row.uid}`;
    case 'FLAGS':
      return `FLAGS ${printFlags(row, session.view.isRecent(row.uid))}`;
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
      return `ENVELOPE ${row.imapEnvelope ?? ''}`;
    case 'BODYSTRUCTURE':
      return `BODYSTRUCTURE ${row.imapBodyStructure ?? ''}`;
    case 'BODY':
      return `BODY ${row.derived ? bodyOnly(row.derived.root) : ''}`;
    case 'PREVIEW':
      return `PREVIEW ${string(row.derived?.preview ?? '', session.utf8)}`;
    default:
      return unreachable(item);
  }
}

type ContentAtt = Exclude<FetchAtt, { kind: 'plain' }>;

async function found(
  session: Session,
  { blobHash, size, derived }: FetchRow,
  atts: readonly FetchAtt[],
): Promise<(Content | undefined)[]> {
  const read: Source['read'] = (start, end) => session.store.bytes(blobHash, start, end);
  const contents: (Content | undefined)[] = [];
  for (const att of atts) {
    if (att.kind === 'plain') contents.push(undefined);
    else if (isWhole(att.section) || !derived) contents.push({ start: 0, end: size });
    else {
      const source = { size, root: derived.root, read };
      contents.push(await (att.kind === 'body' ? contentOf : binaryOf)(source, att.section));
    }
  }
  return contents;
}

type Octets = { start: number; end: number };
type Pieces = (octets: Octets) => AsyncIterable<Uint8Array>;

/** One part alone, as clients ask for files: its first octets are read before anything is said, since the store may have lost them. */
async function beginOnly(
  { store }: Session,
  { blobHash }: FetchRow,
  atts: readonly FetchAtt[],
  pieces: readonly (Content | undefined)[],
): Promise<Pieces | undefined> {
  const [only, more] = atts.flatMap((att, i) => (att.kind === 'plain' ? [] : { att, content: pieces[i] }));
  if (!only?.content || more || only.att.kind === 'binarySize') return undefined;
  const piece = cut(only.content, only.att.partial);
  if ('bytes' in piece) return undefined;
  const rest = store.pieces(blobHash, piece.start, piece.end)[Symbol.asyncIterator]();
  const first = await rest.next();
  return async function* () {
    try {
      for (let one = first; one.done !== true; one = await rest.next()) yield one.value;
    } finally {
      await rest.return?.();
    }
  };
}

async function content(session: Session, att: ContentAtt, found: Content | undefined, pieces: Pieces): Promise<void> {
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
  await send(session, piece, pieces);
}

async function send({ out }: Session, piece: Content, pieces: Pieces): Promise<void> {
  if ('bytes' in piece) {
    out.raw(piece.bytes);
    if (out.shouldFlush) await out.flush();
    return;
  }
  let left = piece.end - piece.start;
  for await (const bytes of pieces(piece)) {
    left -= bytes.length;
    out.raw(bytes);
    if (out.shouldFlush) await out.flush();
  }
  if (left !== 0) throw new Error(`stored bytes are ${left} octets shorter than their size`);
}
