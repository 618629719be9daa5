/**
 * Flags and mod-sequences of many messages, which every client asks for when it comes: neither more is read nor more made than
 * that. Those of a large mailbox are kept (flag-columns.ts).
 *
 * Flags are read after the mod-sequence that is told with them, never before: what somebody changes in between is told with a
 * mod-sequence that is too low, and so once more, rather than never (RFC 7162 §3.1).
 */
import { turns } from '../../base/turns.ts';
import { withRecent } from '../flags.ts';
import type { Session } from '../session.ts';
import { type Column, type Key, placesOf } from '../sort/columns.ts';
import type { Uids } from '../uids.ts';
import type { FetchAtt, PlainItem } from '../wire/fetch-att.ts';
import { type Kind, keptColumn, KINDS } from './flag-columns.ts';

/** Read or sent at once. */
const CHUNK = 4000;
/** Fewer are read as quickly as the column is brought up to now. */
const WORTH_KEEPING = 200;

const SERVED: ReadonlySet<PlainItem> = new Set<PlainItem>(['UID', 'FLAGS', 'MODSEQ']);

export const asksFlagsOnly = (atts: readonly FetchAtt[]): boolean =>
  atts.every((a) => a.kind === 'plain' && SERVED.has(a.item));

/** @returns how many of the messages are gone. */
export async function sendFlags(session: Session, uids: Uids, atts: readonly FetchAtt[]): Promise<number> {
  const { view, out } = session;
  const asked = atts.flatMap((a) => (a.kind === 'plain' ? a.item : []));
  const isMost = uids.length >= WORTH_KEEPING && uids.length > view.uids.length / 2;
  const given = asked.includes('MODSEQ') ? await source(session, KINDS.MODSEQ, isMost) : undefined;
  const flagged = await source(session, KINDS.FLAGS, isMost);
  let missing = 0;
  for (let i = 0; i < uids.length; i += CHUNK) {
    const some = uids.subarray(i, i + CHUNK);
    const modseqs = given && (await given(some));
    const flags = await flagged(some);
    const places = placesOf(view.uids, some);
    let text = '';
    for (const [n, own] of flags.entries()) {
      const [uid = 0, place = -1, modseq] = [some[n], places[n], modseqs?.[n]];
      if (own === undefined || place < 0 || (modseqs && modseq === undefined)) missing++;
      else text += line(asked, { seq: place + 1, uid, flags: view.isRecent(uid) ? withRecent(own) : own, modseq });
    }
    out.raw(text);
    if (out.shouldFlush) await out.flush();
  }
  return missing;
}

interface Told {
  seq: number;
  uid: number;
  flags: string;
  modseq: string | undefined;
}

function line(asked: readonly PlainItem[], { seq, uid, flags, modseq }: Told): string {
  let values = '';
  for (const item of asked) {
    if (values !== '') values += ' ';
    values += item === 'UID' ? `UID ${uid}` : item === 'MODSEQ' ? `MODSEQ (${modseq})` : `FLAGS ${flags}`;
  }
  return `* ${seq} FETCH (${values})\r\n`;
}

/** One for each UID; undefined: the message is gone. */
type Printed = readonly (string | undefined)[];

/** Of a column that is kept, or read as they are asked for. */
async function source(
  session: Session,
  kind: Kind,
  isKept: boolean,
): Promise<(some: Uids) => Printed | Promise<Printed>> {
  const column = isKept ? await keptColumn(session, kind, turns()) : undefined;
  return column ? (some) => keysOf(column, some) : (some) => readNow(session, kind, some);
}

async function readNow({ store, view }: Session, kind: Kind, uids: Uids): Promise<Printed> {
  const { uids: there, keys } = await kind.read(store, view.ref, view.pick(uids));
  return Array.from(placesOf(Uint32Array.from(there), uids), (place) => printed(keys[place]));
}

const keysOf = ({ uids, ranks, keys }: Column, wanted: Uids): Printed =>
  Array.from(placesOf(uids, wanted), (place) => (place < 0 ? undefined : printed(keys[ranks[place] ?? 0])));

const printed = (key: Key | undefined): string | undefined => (key === undefined ? undefined : String(key));
