/** The judge of the fuzz tests judges. */
import { describe, expect, it } from 'vitest';

import { expectResponse } from './response-grammar.ts';

const ENVELOPE = '(NIL "x" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<i@b>")';
const TEXT = '("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 4 1 NIL NIL NIL NIL)';

describe('the grammar of responses', () => {
  it.each([
    '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] CongVu',
    '+ go ahead',
    'a1 OK [COPYUID 5 1:2,4 7:9] done',
    'a1 NO [BADCHARSET (US-ASCII UTF-8)] no',
    '* LIST (\\HasChildren \\Sent) "/" "a b" ("CHILDINFO" ("SUBSCRIBED"))',
    '* SEARCH 1 2 (MODSEQ 9)',
    '* SEARCH',
    '* ESEARCH (TAG "a") UID MIN 1 COUNT 0 ALL 1:3,5 MODSEQ 8',
    '* THREAD (1 2 (3)(4 5))((6)(7))',
    '* VANISHED (EARLIER) 1:5,9',
    `* 2 FETCH (UID 3 FLAGS (\\Seen $x) ENVELOPE ${ENVELOPE} BODYSTRUCTURE (${TEXT}${TEXT} "MIXED" NIL NIL NIL NIL))`,
    `* 1 FETCH (BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 ${ENVELOPE} ${TEXT} 2 NIL NIL NIL NIL))`,
    '* 1 FETCH (BODY[1.HEADER.FIELDS (A "b")]<5> {3}\r\nab) BINARY[1] ~{1}\r\n\0)',
    '* STATUS INBOX (MESSAGES 0 MAILBOXID (m1) APPENDLIMIT 9)',
  ])('takes %j', (line) => {
    expect(() => expectResponse(line)).not.toThrow();
  });

  it.each([
    ['* OK ', 'no text'],
    ['* OK [NEWS] x', 'a code that nobody knows'],
    ['a1 OK\u0001 x', 'a control'],
    ['a1 OK xin chào', 'text beyond ASCII'],
    ['* 0 FETCH (UID 1)', 'message zero'],
    ['* 1 FETCH ()', 'no item'],
    ['* 1 FETCH (UID 1 UID 1)', 'a UID twice'],
    ['* 1 FETCH (BODY[] {9}\r\nab)', 'a literal that is too short'],
    ['* 1 FETCH (BODY[] "a\r\nb")', 'a line end in quotes'],
    ['* 1 FETCH (BINARY[1] {1}\r\n\0)', 'NUL outside literal8'],
    ['* 1 FETCH (BODY[MIME] "x")', 'MIME of the whole message'],
    ['* 1 FETCH (INTERNALDATE "1-Jan-2026 00:00:00 +0000")', 'a day of one digit'],
    ['* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL))', 'nine of ten fields'],
    ['* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL "g" NIL)) NIL NIL NIL NIL NIL NIL NIL))', 'a group without end'],
    ['* 1 FETCH (ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL))', 'an empty list of addresses'],
    ['* 1 FETCH (BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 4))', 'text without lines'],
    ['* 1 FETCH (BODY ("IMAGE" "PNG" NIL NIL NIL NIL 4))', 'no encoding'],
    ['* 1 FETCH (BODY ("MULTIPART" "MIXED" NIL NIL NIL "7BIT" 4))', 'a multipart without parts'],
    ['* 1 FETCH (BODY ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 4))', 'a message without envelope'],
    ['* ESEARCH (TAG "a") ALL 1:*', 'a star'],
    ['* THREAD ((1))', 'a thread within nothing'],
    ['* SEARCH 0', 'number zero'],
    ['* LIST () / INBOX', 'a bare delimiter'],
    ['* LIST (\\Sent) "/" a b', 'two names'],
    ['* STATUS INBOX (UIDNEXT 0)', 'UIDNEXT zero'],
    ['* VANISHED 0', 'UID zero'],
  ])('refuses %j: %s', (line) => {
    expect(() => expectResponse(line)).toThrow('expected');
  });

  it('takes UTF-8 in quotes only where it was asked for', () => {
    const line = Buffer.from('* LIST () "/" "Thư"').toString('latin1');
    expect(() => expectResponse(line, true)).not.toThrow();
    expect(() => expectResponse(line, false)).toThrow('ASCII');
  });
});
