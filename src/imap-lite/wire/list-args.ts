/** Arguments of LIST, STATUS, SELECT (RFC 9051 §9; RFC 7162 for CONDSTORE and QRESYNC). */
import { type Cursor, char, code, expectChar, expectSpace, list, word } from './cursor.ts';
import { expectSequenceSet, type SequenceSet } from './sequence-set.ts';
import { expectFlag, expectListMailbox, expectNumber, expectNzNumber } from './strings.ts';

export type StatusAtt =
  | 'MESSAGES'
  | 'RECENT'
  | 'UIDNEXT'
  | 'UIDVALIDITY'
  | 'UNSEEN'
  | 'DELETED-STORAGE'
  | 'DELETED'
  | 'SIZE'
  | 'HIGHESTMODSEQ'
  | 'MAILBOXID'
  | 'APPENDLIMIT';
const STATUS_ATTS: readonly StatusAtt[] = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  // Before DELETED, which begins it.
  'DELETED-STORAGE',
  'DELETED',
  'SIZE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
];

/** "(" status-att *(SP status-att) ")" */
export function expectStatusAtts(c: Cursor): StatusAtt[] {
  return list(c, (d) => STATUS_ATTS.find((name) => word(d, name)) ?? d.fail('a status item')) ?? c.fail('"("');
}

export type ListSelect = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE';
const LIST_SELECTS: readonly ListSelect[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'];

export interface ListArgs {
  select: readonly ListSelect[];
  reference: string;
  patterns: readonly string[];
  returns: { subscribed: boolean; children: boolean; specialUse: boolean; status?: readonly StatusAtt[] };
  /** The extended form: one answer per name with its full attributes (RFC 5258 §3). */
  extended: boolean;
}

/** list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] */
export function expectListArgs(c: Cursor): ListArgs {
  const select = list(c, (d) => LIST_SELECTS.find((name) => word(d, name)) ?? d.fail('a selection option'), true);
  if (select) expectSpace(c);
  // RFC 9051 §6.3.9.1: RECURSIVEMATCH needs another option to match by.
  if (select?.includes('RECURSIVEMATCH') && !select.some((s) => s === 'SUBSCRIBED' || s === 'SPECIAL-USE'))
    c.fail('a selection option beside RECURSIVEMATCH');
  const reference = expectListMailbox(c);
  expectSpace(c);
  const several = list(c, expectListMailbox);
  const patterns = several ?? [expectListMailbox(c)];
  const returns: ListArgs['returns'] = { subscribed: false, children: false, specialUse: false };
  const withReturn = char(c, ' ') === true;
  if (withReturn) expectReturns(c, returns);
  return { select: select ?? [], reference, patterns, returns, extended: Boolean(select ?? several) || withReturn };
}

function expectReturns(c: Cursor, returns: ListArgs['returns']): void {
  if (!word(c, 'RETURN')) c.fail('RETURN');
  expectSpace(c);
  const one = (d: Cursor): void => {
    if (word(d, 'SUBSCRIBED')) returns.subscribed = true;
    else if (word(d, 'CHILDREN')) returns.children = true;
    else if (word(d, 'SPECIAL-USE')) returns.specialUse = true;
    else if (word(d, 'STATUS')) {
      expectSpace(d);
      returns.status = expectStatusAtts(d);
    } else d.fail('a return option');
  };
  if (!list(c, one, true)) c.fail('"("');
}

/**
 * create = "CREATE" SP mailbox [SP "(" create-param *(SP create-param) ")"] (RFC 4466 §2.2);
 * create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")" (RFC 6154 §6). @returns the uses as sent.
 */
export function expectCreateParams(c: Cursor): string[] {
  if (!char(c, ' ')) return [];
  const one = (d: Cursor): string[] => {
    if (!word(d, 'USE')) d.fail('USE');
    expectSpace(d);
    return list(d, expectFlag, true) ?? d.fail('"("');
  };
  return (list(c, one) ?? c.fail('"("')).flat();
}

export interface QresyncArgs {
  uidValidity: number;
  modseq: number;
  knownUids?: SequenceSet;
  /** Message numbers and the UIDs that the client has for them. */
  seqMatch?: { sequence: SequenceSet; uids: SequenceSet };
}
export interface SelectArgs {
  condstore: boolean;
  qresync?: QresyncArgs;
}

/** select-params = SP "(" select-param *(SP select-param) ")" */
export function expectSelectParams(c: Cursor): SelectArgs {
  const args: SelectArgs = { condstore: false };
  if (!char(c, ' ')) return args;
  const one = (d: Cursor): void => {
    if (word(d, 'CONDSTORE')) args.condstore = true;
    else if (word(d, 'QRESYNC')) {
      expectSpace(d);
      args.qresync = expectQresync(d);
    } else d.fail('CONDSTORE or QRESYNC');
  };
  if (!list(c, one)) c.fail('"("');
  return args;
}

/** RFC 7162 §7: "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" */
function expectQresync(c: Cursor): QresyncArgs {
  expectChar(c, '(');
  const uidValidity = expectNzNumber(c);
  expectSpace(c);
  const args: QresyncArgs = { uidValidity, modseq: expectNumber(c) };
  if (c.peek() === code(' ') && c.peek(1) !== code('(')) {
    expectSpace(c);
    args.knownUids = expectSequenceSet(c);
  }
  if (char(c, ' ')) {
    expectChar(c, '(');
    const sequence = expectSequenceSet(c);
    expectSpace(c);
    args.seqMatch = { sequence, uids: expectSequenceSet(c) };
    expectChar(c, ')');
  }
  expectChar(c, ')');
  return args;
}
