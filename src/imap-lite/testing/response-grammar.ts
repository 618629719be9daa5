/**
 * Is one whole response of the server good grammar? RFC 9051 §9 with the extensions that we announce, read strictly: what a
 * lenient client would still understand is refused here. Text is latin1, one char per octet.
 */
import { Reader } from '../../message/testing/grammar-reader.ts';
import { expectBodyStructure, expectEnvelope } from '../../message/testing/structure-grammar.ts';

/** @throws Error with the place, when `line` (without its CRLF) is no response. */
export function expectResponse(line: string, utf8 = true): void {
  const r = new Reader(line, utf8);
  if (r.take('+ ')) r.text();
  else if (r.take('* ')) untagged(r);
  else {
    r.match(/[^\x00-\x20(){%*"\\+\x7f-\xff]+/y, 'a tag');
    r.expect(' ');
    if (!state(r, /OK|NO|BAD/y)) r.fail('OK, NO or BAD');
  }
  r.end();
}

/** resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text */
function state(r: Reader, kinds: RegExp): boolean {
  if (!r.maybe(kinds)) return false;
  r.expect(' ');
  if (r.take('[')) {
    responseCode(r);
    r.expect('] ');
  }
  r.text();
  return true;
}

function responseCode(r: Reader): void {
  const code = r.match(/[A-Z][A-Z0-9-]*/y, 'a response code');
  const rule = CODES[code];
  if (rule) {
    r.expect(' ');
    rule(r);
  } else if (!BARE_CODES.has(code)) r.fail(`a known response code, not ${code}`);
}

const nz = (r: Reader): void => void r.match(/[1-9]\d{0,15}/y, 'nz-number');
const set = (r: Reader): void =>
  void r.match(/[1-9]\d*(?::[1-9]\d*)?(?:,[1-9]\d*(?::[1-9]\d*)?)*/y, 'a set of numbers');
const CODES: Record<string, (r: Reader) => void> = {
  BADCHARSET: (r) => r.list((one) => one.astring()),
  CAPABILITY: capabilities,
  PERMANENTFLAGS: (r) => r.list((one) => flag(one, true), true),
  UIDNEXT: nz,
  UIDVALIDITY: nz,
  UNSEEN: nz,
  HIGHESTMODSEQ: nz,
  MODIFIED: set,
  MAILBOXID: (r) => r.list(objectId),
  APPENDUID: (r) => (nz(r), r.expect(' '), set(r)),
  COPYUID: (r) => (nz(r), r.expect(' '), set(r), r.expect(' '), set(r)),
  INPROGRESS: (r) => r.list((one) => (one.nstring(), void one.match(/( (\d+|NIL)){2}/y, 'two numbers or NIL'))),
};
const BARE_CODES = new Set(
  (
    'ALERT ALREADYEXISTS AUTHENTICATIONFAILED AUTHORIZATIONFAILED CANNOT CLIENTBUG CLOSED COMPRESSIONACTIVE CONTACTADMIN ' +
    'EXPIRED EXPUNGEISSUED HASCHILDREN INUSE LIMIT NOMODSEQ NONEXISTENT NOPERM OVERQUOTA PARSE PRIVACYREQUIRED READ-ONLY ' +
    'READ-WRITE SERVERBUG TOOBIG TRYCREATE UIDNOTSTICKY UNAVAILABLE UNKNOWN-CTE USEATTR'
  ).split(' '),
);

function capabilities(r: Reader): void {
  do r.match(/[A-Za-z0-9=+.:/_-]+/y, 'a capability');
  while (r.take(' '));
}

function flag(r: Reader, wildcard = false): void {
  if (wildcard && r.take('\\*')) return;
  r.take('\\');
  r.atom();
}

const objectId = (r: Reader): void => void r.match(/[A-Za-z0-9_-]{1,255}/y, 'an object id');

function untagged(r: Reader): void {
  if (state(r, /(?:OK|NO|BAD|BYE)(?= )/y)) return;
  const number = r.maybe(/\d+/y);
  if (number !== undefined) {
    r.expect(' ');
    if (r.maybe(/(?:EXISTS|RECENT)$/y)) return;
    if (number === '0') r.fail('a message number');
    if (r.maybe(/EXPUNGE$/y)) return;
    r.expect('FETCH ');
    fetched(r);
    return;
  }
  const name = r.match(/[A-Z]+/y, 'a response');
  const rule = DATA[name];
  if (!rule) r.fail(`a known response, not ${name}`);
  else rule(r);
}

const numbers = (r: Reader): void => void r.maybe(/(?: [1-9]\d*)*(?: \(MODSEQ [1-9]\d*\))?/y);
const mailbox = (r: Reader): void => (r.expect(' '), r.astring());
const DATA: Record<string, (r: Reader) => void> = {
  CAPABILITY: (r) => (r.expect(' '), capabilities(r)),
  ENABLED: (r) => void r.maybe(/(?: [A-Za-z0-9=+.-]+)*/y),
  FLAGS: (r) => (r.expect(' '), r.list(flag, true)),
  LIST: listed,
  LSUB: listed,
  SEARCH: numbers,
  SORT: numbers,
  THREAD: (r) => {
    if (r.take(' '))
      do thread(r);
      while (r.ahead('('));
  },
  ESEARCH: extendedSearch,
  STATUS: (r) => (mailbox(r), r.expect(' '), r.list(statusItem, true)),
  NAMESPACE: (r) => {
    for (let i = 0; i < 3; i++) {
      r.expect(' ');
      if (!r.take('NIL')) r.pack((one) => (one.expect('('), one.string(), one.expect(' "/"'), one.expect(')')));
    }
  },
  ID: (r) => (r.expect(' '), r.list((one) => (one.string(), one.expect(' '), one.nstring()), true)),
  QUOTA: (r) => (mailbox(r), r.expect(' '), r.list((one) => void one.match(/[A-Z-]+ \d+ \d+/y, 'a resource'), true)),
  QUOTAROOT: (r) => {
    mailbox(r);
    while (r.take(' ')) r.astring();
  },
  ACL: (r) => {
    mailbox(r);
    while (r.take(' ')) {
      r.astring();
      mailbox(r);
    }
  },
  MYRIGHTS: (r) => (mailbox(r), mailbox(r)),
  LISTRIGHTS: (r) => {
    for (let i = 0; i < 3; i++) mailbox(r);
    while (r.take(' ')) r.astring();
  },
  VANISHED: (r) => (r.take(' (EARLIER)'), r.expect(' '), set(r)),
  JMAPACCESS: (r) => (r.expect(' '), r.string()),
};

/** mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended] */
function listed(r: Reader): void {
  r.expect(' ');
  r.list((one) => (one.expect('\\'), one.atom()), true);
  r.expect(' "/" ');
  r.astring();
  if (r.take(' '))
    r.list((one) => {
      if (one.take('"CHILDINFO" ')) one.list((option) => option.string());
      else {
        one.expect('"OLDNAME" ');
        one.list((old) => old.astring());
      }
    });
}

/** thread-list = "(" (thread-members / thread-nested) ")" (RFC 5256 §5) */
function thread(r: Reader): void {
  r.expect('(');
  if (r.maybe(/[1-9]\d*(?: [1-9]\d*)*/y) !== undefined && !r.ahead(')')) r.expect(' ');
  let nested = 0;
  for (; r.ahead('('); nested++) thread(r);
  if (nested === 1) r.fail('two threads or more, or a number');
  r.expect(')');
}

function extendedSearch(r: Reader): void {
  if (r.take(' (TAG ')) {
    r.string();
    r.expect(')');
  }
  r.take(' UID');
  while (r.take(' ')) {
    if (r.take('ALL ')) set(r);
    else if (r.maybe(/(?:MIN|MAX|MODSEQ) /y)) nz(r);
    else r.match(/COUNT \d+/y, 'a search result');
  }
}

function statusItem(r: Reader): void {
  if (r.maybe(/(?:UIDNEXT|UIDVALIDITY|HIGHESTMODSEQ) /y)) nz(r);
  else if (r.take('MAILBOXID ')) r.list(objectId);
  else if (r.take('APPENDLIMIT ')) r.match(/\d+|NIL/y, 'a number or NIL');
  else r.match(/(?:MESSAGES|RECENT|UNSEEN|DELETED|DELETED-STORAGE|SIZE) \d+/y, 'a status item');
}

const FETCHED: readonly [RegExp, (r: Reader) => void][] = [
  [/UID /y, nz],
  [/FLAGS /y, (r) => r.list(flag, true)],
  [/(?:INTERNALDATE|SAVEDATE) /y, date],
  [/RFC822\.SIZE /y, (r) => void r.match(/\d+/y, 'a number')],
  [/ENVELOPE /y, expectEnvelope],
  [/BODYSTRUCTURE /y, (r) => expectBodyStructure(r, true)],
  [/BODY /y, (r) => expectBodyStructure(r, false)],
  [/MODSEQ /y, (r) => r.list(nz)],
  [/(?:EMAILID|THREADID) /y, (r) => r.list(objectId)],
  [/PREVIEW /y, (r) => r.nstring()],
  [/BINARY\.SIZE\[(?:[1-9]\d*(?:\.[1-9]\d*)*)?\] /y, (r) => void r.match(/\d+/y, 'a number')],
  [/BINARY\[(?:[1-9]\d*(?:\.[1-9]\d*)*)?\](?:<\d+>)? /y, (r) => r.nstring({ binary: true })],
  [/RFC822(?:\.HEADER|\.TEXT)? /y, (r) => r.nstring({ nul: true })],
];

function fetched(r: Reader): void {
  const seen = new Set<string>();
  r.list((one) => {
    const from = one.at;
    if (one.take('BODY[')) {
      section(one);
      one.maybe(/<\d+>/y);
      one.expect(' ');
      one.nstring({ nul: true });
      return;
    }
    const found = FETCHED.find(([name]) => one.maybe(name) !== undefined);
    if (!found) one.fail('a data item');
    const name = one.since(from);
    if (/^(UID|FLAGS|MODSEQ) /.test(name) && seen.has(name)) one.fail(`${name}once`);
    seen.add(name);
    found?.[1](one);
  });
}

/** The rest of section, with its "]". */
function section(r: Reader): void {
  const part = r.maybe(/[1-9]\d*(?:\.[1-9]\d*)*/y) !== undefined;
  if (r.take(']')) return;
  if (part) r.expect('.');
  if (r.maybe(/HEADER\.FIELDS(?:\.NOT)? /y)) r.list((one) => one.astring());
  else if (!(part && r.take('MIME'))) r.match(/HEADER|TEXT/y, 'a section');
  r.expect(']');
}

function date(r: Reader): void {
  r.match(
    /"(?: \d|\d\d)-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4} \d\d:\d\d:\d\d [+-]\d{4}"/y,
    'a date-time',
  );
}
