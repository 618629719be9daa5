/** Commands by the grammar (RFC 9051 §9 and the extensions that we announce), all parts at random: good ones, which the server must do. */
import type { Random } from '../../../base/testing/random.ts';
import { randomEntity } from '../../../message/testing/random-message.ts';

type Rule = (r: Random) => string;
/** What a mailbox may be called here; some exist, some never do. */
const NAMES = [
  'INBOX',
  'inbox',
  'Archive',
  'f1',
  'f1/f2',
  'f3',
  '"a b"',
  '"Th&AbA- &AREA4w-"',
  '&Jjo-',
  'nix',
  '"Hop thu"',
];
const WORDS = ['cong', 'công văn', 'a', '', 'caoson', '"', '\\', '%', '*', 'Đ', 'x'.repeat(40), 'hungnv@caoson.gov.vn'];
const FLAGS = [
  '\\Seen',
  '\\Deleted',
  '\\Flagged',
  '\\Answered',
  '\\Draft',
  '$Forwarded',
  'viec',
  '$MDNSent',
  'NonJunk',
];

const some = (r: Random, most: number, rule: Rule, between = ' '): string =>
  Array.from({ length: 1 + r.int(most) }, () => rule(r)).join(between);
const maybe = (r: Random, rule: Rule, part = 0.5): string => (r.chance(part) ? rule(r) : '');
const list = (r: Random, most: number, rule: Rule): string => `(${some(r, most, rule)})`;

export const literal = (text: string, plus = '+'): string => `{${Buffer.byteLength(text)}${plus}}\r\n${text}`;
const astring: Rule = (r) => {
  const word = r.pick(WORDS);
  if (r.chance(0.2)) return literal(word);
  return /^[A-Za-z0-9@.]+$/.test(word) && r.chance(0.5) ? word : `"${word.replace(/[\\"]/g, '\\$&')}"`;
};
export const mailbox: Rule = (r) => r.pick(NAMES);
const nz: Rule = (r) => String(r.pick([1, 1, 2, 2, 3, 4, 5, 9, 40, 4294967295]));
const range: Rule = (r) => r.pick([nz(r), nz(r), `${nz(r)}:${nz(r)}`, '*', `${nz(r)}:*`, '1:*', `*:${nz(r)}`]);
/** "$" stands alone (RFC 9051 §9). */
const set: Rule = (r) => (r.chance(0.1) ? '$' : some(r, 3, range, ','));
const date: Rule = (r) => r.pick(['1-Jan-2026', '12-Jan-2026', '"30-Dec-1999"', '22-Nov-2026', '1-Feb-2030']);
const flag: Rule = (r) => r.pick(FLAGS);
const modseq: Rule = (r) => String(r.pick([0, 1, 5, 40, 9007199254740991]));

const searchKey = (r: Random, depth = 0): string => {
  const plain =
    'ALL ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN SAVEDATESUPPORTED'.split(
      ' ',
    );
  const deeper = (): string => (depth > 3 ? 'ALL' : searchKey(r, depth + 1));
  return r.pick<() => string>([
    () => r.pick(plain),
    () => `${r.pick(['BCC', 'BODY', 'CC', 'FROM', 'SUBJECT', 'TEXT', 'TO'])} ${astring(r)}`,
    () =>
      `${r.pick(['BEFORE', 'ON', 'SINCE', 'SENTBEFORE', 'SENTON', 'SENTSINCE', 'SAVEDBEFORE', 'SAVEDON', 'SAVEDSINCE'])} ${date(r)}`,
    () => `${r.pick(['KEYWORD', 'UNKEYWORD'])} ${r.pick(['viec', '$Forwarded', 'khong'])}`,
    () => `${r.pick(['LARGER', 'SMALLER'])} ${modseq(r)}`,
    () => `${r.pick(['OLDER', 'YOUNGER'])} ${r.pick([1, 86400, 4294967295])}`,
    () => `HEADER ${r.pick(['Subject', '"X-None"', 'message-id'])} ${astring(r)}`,
    () => `UID ${set(r)}`,
    () => set(r),
    () => `MODSEQ ${maybe(r, () => `"/flags/\\\\seen" ${r.pick(['all', 'priv', 'shared'])} `, 0.3)}${modseq(r)}`,
    () => `${r.pick(['EMAILID', 'THREADID'])} ${r.pick(['a1e1', 'a1t1', 'none'])}`,
    () => `NOT ${deeper()}`,
    () => `OR ${deeper()} ${deeper()}`,
    () => `(${deeper()} ${deeper()})`,
  ])();
};
const program: Rule = (r) => some(r, 3, (one) => searchKey(one));
const returns: Rule = (r) =>
  maybe(
    r,
    () => `RETURN (${maybe(r, () => some(r, 3, () => r.pick(['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'])), 0.8)}) `,
    0.6,
  );

const part: Rule = (r) => some(r, 3, () => String(1 + r.int(3)), '.');
const section: Rule = (r) => {
  const text: Rule = () =>
    r.pick([
      'HEADER',
      'TEXT',
      `HEADER.FIELDS${maybe(r, () => '.NOT')} ${list(r, 3, () => r.pick(['From', 'SUBJECT', '"x"', 'Nix']))}`,
    ]);
  return r.pick(['', part(r), text(r), `${part(r)}.${text(r)}`, `${part(r)}.MIME`]);
};
const partial: Rule = (r) =>
  maybe(r, () => `<${r.pick([0, 1, 7, 100, 70000])}.${r.pick([1, 10, 4096, 4294967295])}>`, 0.4);
const fetchAtt: Rule = (r) =>
  r.pick<() => string>([
    () =>
      r.pick(
        'UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY MODSEQ EMAILID THREADID SAVEDATE PREVIEW'.split(
          ' ',
        ),
      ),
    () => `BODY${maybe(r, () => '.PEEK')}[${section(r)}]${partial(r)}`,
    () => `BINARY${maybe(r, () => '.PEEK')}[${maybe(r, part, 0.8)}]${partial(r)}`,
    () => `BINARY.SIZE[${maybe(r, part, 0.8)}]`,
    () => r.pick(['RFC822', 'RFC822.HEADER', 'RFC822.TEXT', 'RFC822.PEEK', 'RFC822.TEXT.PEEK', 'PREVIEW (LAZY)']),
  ])();
/** Each once: who asks twice is told twice. */
const fetchAtts: Rule = (r) => {
  if (r.chance(0.1)) return r.pick(['ALL', 'FAST', 'FULL']);
  const items = new Set(Array.from({ length: 1 + r.int(5) }, () => fetchAtt(r)));
  return items.size === 1 ? [...items].join() : `(${[...items].join(' ')})`;
};

const statusAtts: Rule = (r) =>
  list(r, 5, () =>
    r.pick(
      'MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED DELETED-STORAGE SIZE HIGHESTMODSEQ MAILBOXID APPENDLIMIT'.split(
        ' ',
      ),
    ),
  );
const pattern: Rule = (r) => r.pick(['*', '%', '"%/%"', 'INBOX', '"f*"', 'f1/%', '"*%*%"', '""', '"Hop*"']);
const listCommand: Rule = (r) => {
  const select = maybe(
    r,
    () =>
      `(${maybe(r, () => r.pick(['SUBSCRIBED', 'SUBSCRIBED RECURSIVEMATCH', 'SPECIAL-USE', 'REMOTE', 'SPECIAL-USE RECURSIVEMATCH SUBSCRIBED']), 0.8)}) `,
    0.4,
  );
  const patterns = r.chance(0.3) ? list(r, 3, pattern) : pattern(r);
  const back = maybe(
    r,
    () =>
      ` RETURN (${maybe(r, () => some(r, 3, () => r.pick(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', `STATUS ${statusAtts(r)}`])), 0.9)})`,
    0.5,
  );
  return `LIST ${select}${r.pick(['""', '""', 'f1', '"f1/"'])} ${patterns}${back}`;
};
const selectParams: Rule = (r) => {
  const qresync = (): string =>
    `QRESYNC (${r.pick([1, 1767225600, 67890007])} ${1 + r.int(9)}${maybe(r, () => ` ${some(r, 2, () => r.pick(['1:5', '2', '3:9']), ',')}`)}${maybe(r, () => ' (1:2 1:2)', 0.4)})`;
  return maybe(r, () => ` (${r.pick(['CONDSTORE', qresync(), `CONDSTORE ${qresync()}`])})`, 0.4);
};

/** RFC 9051 §6.3.12: NUL only in literal8. */
const message: Rule = (r) => {
  const text = r.chance(0.3) ? r.pick(['', 'x', 'a: b\r\n\r\nc\0d\r\n']) : randomEntity(r);
  return `${text.includes('\0') || r.chance(0.2) ? '~' : ''}${literal(text)}`;
};
const appended: Rule = (r) =>
  `${maybe(r, () => `(${maybe(r, () => some(r, 3, flag))}) `)}${maybe(r, () => '"12-Jan-2026 08:00:00 +0700" ', 0.4)}${message(r)}`;
const append: Rule = (r) => `APPEND ${mailbox(r)} ${some(r, 2, appended)}`;

const seqOrUid = (r: Random): string => maybe(r, () => 'UID ', 0.5);
/** What is done with a mailbox open. */
const selected: readonly Rule[] = [
  (r) => `${seqOrUid(r)}FETCH ${set(r)} ${fetchAtts(r)}${maybe(r, () => ` (CHANGEDSINCE ${1 + r.int(50)})`, 0.2)}`,
  (r) => `UID FETCH ${set(r)} (FLAGS) (CHANGEDSINCE ${1 + r.int(50)} VANISHED)`,
  (r) =>
    `${seqOrUid(r)}STORE ${set(r)} ${maybe(r, () => `(UNCHANGEDSINCE ${modseq(r)}) `, 0.3)}${r.pick(['+', '-', ''])}FLAGS${maybe(r, () => '.SILENT')} ${r.chance(0.3) ? some(r, 3, flag) : `(${maybe(r, () => some(r, 3, flag), 0.9)})`}`,
  (r) => `${seqOrUid(r)}SEARCH ${returns(r)}${maybe(r, () => 'CHARSET UTF-8 ', 0.3)}${program(r)}`,
  (r) =>
    `${seqOrUid(r)}SORT ${list(r, 3, () => `${maybe(r, () => 'REVERSE ', 0.3)}${r.pick('ARRIVAL CC DATE FROM SIZE SUBJECT TO DISPLAYFROM DISPLAYTO'.split(' '))}`)} UTF-8 ${program(r)}`,
  (r) => `${seqOrUid(r)}THREAD ${r.pick(['REFERENCES', 'ORDEREDSUBJECT'])} UTF-8 ${program(r)}`,
  (r) => `${seqOrUid(r)}${r.pick(['COPY', 'MOVE'])} ${set(r)} ${mailbox(r)}`,
  (r) => r.pick(['EXPUNGE', `UID EXPUNGE ${set(r)}`, 'CHECK', 'CHECK', 'NOOP']),
  (r) => (r.chance(0.2) ? r.pick(['CLOSE', 'UNSELECT']) : 'NOOP'),
];
const signedIn: readonly Rule[] = [
  append,
  append,
  listCommand,
  (r) => `LSUB "" ${pattern(r)}`,
  (r) => `STATUS ${mailbox(r)} ${statusAtts(r)}`,
  (r) => `${r.pick(['SELECT', 'SELECT', 'EXAMINE'])} ${r.chance(0.6) ? 'INBOX' : mailbox(r)}${selectParams(r)}`,
  (r) => `CREATE ${mailbox(r)}${maybe(r, () => ' (USE (\\Archive))', 0.1)}`,
  (r) => `DELETE ${mailbox(r)}`,
  (r) => `RENAME ${mailbox(r)} ${mailbox(r)}`,
  (r) => `${r.pick(['SUBSCRIBE', 'UNSUBSCRIBE'])} ${mailbox(r)}`,
  (r) => `${r.pick(['GETQUOTAROOT', 'MYRIGHTS', 'GETACL'])} ${mailbox(r)}`,
  (r) => `LISTRIGHTS INBOX ${astring(r)}`,
  (r) =>
    r.pick([
      'NAMESPACE',
      'CAPABILITY',
      'NOOP',
      'ID NIL',
      'GETJMAPACCESS',
      'GETQUOTA A1',
      'ENABLE CONDSTORE',
      'ENABLE X',
      'ID ("name" "x")',
    ]),
];

export const commandOf = (r: Random, isSelected: boolean): string =>
  r.pick(isSelected && r.chance(0.75) ? selected : signedIn)(r);
