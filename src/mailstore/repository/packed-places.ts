/**
 * What is asked of a whole mailbox again and again, its UIDs, flags and mod-sequences, as one text: the rows of a large mailbox cost more to be
 * handed over than to be found.
 */
import type { MailboxId, ModSeq } from '../../base/ids.ts';
import type { PlacedFlags, PlacedModseq, PlacePick } from '../types.ts';
import { asksEmail, conditionOf, EMAILS, keywordsOf } from './placed.ts';
import { ask, type Scope } from './scope.ts';

/** Between two places. JSON writes it as an escape, so that no keyword holds it. */
const BETWEEN = '\n';

interface Asked {
  mailboxId: MailboxId;
  pick: PlacePick;
  /** An expression over `p` and, if it needs them, `e`. */
  place: string;
  emails: boolean;
}

async function packed(scope: Scope, { mailboxId, pick, place, emails }: Asked): Promise<string> {
  const { text, values } = conditionOf(scope, mailboxId, pick);
  const list = scope.db.dialect === 'sqlite' ? 'group_concat' : 'string_agg';
  const inner = `select ${place} as place from "email_mailboxes" p ${emails ? EMAILS : ''} where ${text} order by p."uid"`;
  const [[found] = []] = await ask(scope, `select ${list}(place, '${BETWEEN}') from (${inner}) as ordered`, values);
  return typeof found === 'string' ? found : '';
}

/** UIDs alone, ascending: four octets for each. */
export async function uidsOf(scope: Scope, mailboxId: MailboxId, pick: PlacePick): Promise<Uint32Array> {
  const place = 'cast(p."uid" as text)';
  return ascending(numbersIn(await packed(scope, { mailboxId, pick, place, emails: asksEmail(pick) })));
}

function numbersIn(text: string): Uint32Array {
  if (text === '') return new Uint32Array(0);
  let more = 0;
  for (let i = text.indexOf(BETWEEN); i >= 0; i = text.indexOf(BETWEEN, i + 1)) more++;
  const numbers = new Uint32Array(more + 1);
  let at = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0) value = value * 10 + digit;
    else {
      numbers[at++] = value;
      value = 0;
    }
  }
  numbers[at] = value;
  return numbers;
}

/** Neither engine promises that an aggregate reads its subquery in order, though both do. */
function ascending(numbers: Uint32Array): Uint32Array {
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] ?? 0) < (numbers[i - 1] ?? 0)) return numbers.sort();
  return numbers;
}

/** `17 3` or, with keywords that are no usual ones, `17 3["$junk"]`: the UID; twice the flags, and one more for \Deleted. */
const FLAGS = `cast(p."uid" as text) || ' ' || cast(e."flags" * 2 + cast(p."deleted" as integer) as text)
  || case when e."keywords" = '[]' then '' else e."keywords" end`;

/** In UID order. */
export async function placedFlagRows(scope: Scope, mailboxId: MailboxId, pick: PlacePick): Promise<PlacedFlags[]> {
  return rowsIn(await packed(scope, { mailboxId, pick, place: FLAGS, emails: true }), placedFlags);
}

/** In UID order. */
export async function placedModseqRows(scope: Scope, mailboxId: MailboxId, pick: PlacePick): Promise<PlacedModseq[]> {
  const place = `cast(p."uid" as text) || ' ' || cast(p."modseq" as text)`;
  return rowsIn(await packed(scope, { mailboxId, pick, place, emails: asksEmail(pick) }), placedModseq);
}

function rowsIn<T extends { uid: number }>(text: string, read: (text: string, start: number, end: number) => T): T[] {
  const rows: T[] = [];
  let inOrder = true;
  for (let at = 0; at < text.length;) {
    const next = text.indexOf(BETWEEN, at);
    const end = next < 0 ? text.length : next;
    const row = read(text, at, end);
    inOrder &&= row.uid > (rows.at(-1)?.uid ?? 0);
    rows.push(row);
    at = end + 1;
  }
  return inOrder ? rows : rows.sort((a, b) => a.uid - b.uid);
}

function placedModseq(text: string, start: number, end: number): PlacedModseq {
  let uid = 0;
  let modseq = 0;
  let at = start;
  for (; text.charCodeAt(at) !== SPACE; at++) uid = uid * 10 + digitAt(text, at);
  for (at++; at < end; at++) modseq = modseq * 10 + digitAt(text, at);
  return { uid, modseq: modseq as ModSeq };
}

function placedFlags(text: string, start: number, end: number): PlacedFlags {
  let uid = 0;
  let flags = 0;
  let at = start;
  for (; text.charCodeAt(at) !== SPACE; at++) uid = uid * 10 + digitAt(text, at);
  for (at++; at < end && digitAt(text, at) < 10; at++) flags = flags * 10 + digitAt(text, at);
  return { uid, deleted: (flags & 1) === 1, keywords: keywordsOf(flags >> 1, at < end ? text.slice(at, end) : '[]') };
}
const SPACE = 32;
const digitAt = (text: string, at: number): number => text.charCodeAt(at) - 48;
