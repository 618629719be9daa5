/** RFC 5322: the examples of its appendix, and the old forms of §4, field by field. */
import { describe, expect, it } from 'vitest';

import { decodeAddresses, decodeDate, decodeMessageIds, summarize } from './header.ts';
import { parseMessage } from './parse.ts';
import { message } from './testing/lines.ts';
import type { Address, Summary } from './types.ts';

const summaryOf = (...lines: string[]): Summary => summarize(parseMessage(message(...lines)).header);
const a = (name: string | null, email: string): Address => ({ name, email });
const BODY = ['', 'This is a message just to say hello.', 'So, "Hello".'];

describe('the examples of Appendix A', () => {
  it('A.1.1: a simple message', () => {
    expect(
      summaryOf(
        'From: John Doe <jdoe@machine.example>',
        'To: Mary Smith <mary@example.net>',
        'Subject: Saying Hello',
        'Date: Fri, 21 Nov 1997 09:55:06 -0600',
        'Message-ID: <1234@local.machine.example>',
        ...BODY,
      ),
    ).toMatchObject({
      from: [a('John Doe', 'jdoe@machine.example')],
      to: [a('Mary Smith', 'mary@example.net')],
      subject: 'Saying Hello',
      sentAt: Date.UTC(1997, 10, 21, 15, 55, 6),
      sentZone: -360,
      messageId: ['1234@local.machine.example'],
      sender: [],
      replyTo: [],
    });
  });

  it('A.1.3: groups', () => {
    const told = summaryOf(
      'From: Pete <pete@silly.example>',
      'To: A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      'Cc: Undisclosed recipients:;',
      ...BODY,
    );
    expect(told.to).toEqual([a('Ed Jones', 'c@a.test'), a(null, 'joe@where.test'), a('John', 'jdoe@one.test')]);
    expect(told.cc).toEqual([]);
  });

  it('A.2: a reply names what it answers', () => {
    expect(
      summaryOf(
        'From: John Doe <jdoe@machine.example>',
        'To: "Mary Smith: Personal Account" <smith@home.example>',
        'Subject: Re: Saying Hello',
        'Message-ID: <abcd.1234@local.machine.test>',
        'In-Reply-To: <3456@example.net>',
        'References: <1234@local.machine.example> <3456@example.net>',
        ...BODY,
      ),
    ).toMatchObject({
      to: [a('Mary Smith: Personal Account', 'smith@home.example')],
      inReplyTo: ['3456@example.net'],
      references: ['1234@local.machine.example', '3456@example.net'],
    });
  });

  it('A.3: resent fields are no other senders or dates', () => {
    const told = summaryOf(
      'Resent-From: Mary Smith <mary@example.net>',
      'Resent-To: Jane Brown <j-brown@other.example>',
      'Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800',
      'Resent-Message-ID: <78910@example.net>',
      'From: John Doe <jdoe@machine.example>',
      'Date: Fri, 21 Nov 1997 09:55:06 -0600',
      'Message-ID: <1234@local.machine.example>',
      ...BODY,
    );
    expect(told).toMatchObject({
      from: [a('John Doe', 'jdoe@machine.example')],
      messageId: ['1234@local.machine.example'],
      to: [],
    });
    expect(told.sentAt).toBe(Date.UTC(1997, 10, 21, 15, 55, 6));
  });

  it('A.5: white space and comments where they may stand', () => {
    const told = summaryOf(
      'From: Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
      'To:A Group(Some people)',
      "     :Chris Jones <c@(Chris's host.)public.example>,",
      '         joe@example.org,',
      '  John <jdoe@one.test> (my dear friend); (the end of the group)',
      'Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;',
      'Date: Thu,',
      '      13',
      '        Feb',
      '          1969',
      '      23:32',
      '               -0330 (Newfoundland Time)',
      'Message-ID:              <testabcd.1234@silly.test>',
      '',
      'Testing.',
    );
    expect(told.from.map(({ email }) => email)).toEqual(['pete@silly.test']);
    expect(told.to.map(({ email }) => email)).toEqual(['c@public.example', 'joe@example.org', 'jdoe@one.test']);
    expect(told.cc).toEqual([]);
    expect(told.sentAt).toBe(Date.UTC(1969, 1, 14, 3, 2));
    expect(told.messageId).toEqual(['testabcd.1234@silly.test']);
  });

  it('A.6: the old forms', () => {
    const told = summaryOf(
      'From: Joe Q. Public <john.q.public@example.com>',
      'To: Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example',
      'Date: Tue, 1 Jul 2003 10:52:37 +0200',
      'Message-ID: <5678.21-Nov-1997@example.com>',
      ...BODY,
    );
    expect(told.from).toEqual([a('Joe Q. Public', 'john.q.public@example.com')]);
    expect(told.to).toEqual([a('Mary Smith', 'mary@example.net'), a(null, 'jdoe@test.example')]);
    const spaced = summaryOf(
      'From  : John Doe <jdoe@machine(comment).  example>',
      'To    : Mary Smith',
      '  ',
      '          <mary@example.net>',
      'Subject     : Saying Hello',
      'Date  : Fri, 21 Nov 1997 09(comment):   55  :  06 -0600',
      'Message-ID  : <1234   @   local(blah)  .machine .example>',
      ...BODY,
    );
    expect(spaced.from).toEqual([a('John Doe', 'jdoe@machine.example')]);
    expect(spaced.to).toEqual([a('Mary Smith', 'mary@example.net')]);
    expect(spaced.subject).toBe('Saying Hello');
    expect(spaced.sentAt).toBe(Date.UTC(1997, 10, 21, 15, 55, 6));
  });
});

describe('header and body (§2.1, §2.2, §3.5, §4.5)', () => {
  const fields = (...lines: string[]): [string, string][] =>
    parseMessage(message(...lines)).header.map(({ name, raw }) => [name, raw]);
  it.each<[string, string[], [string, string][]]>([
    ['the first empty line ends it', ['A: 1', '', 'B: 2'], [['A', ' 1']]],
    [
      'a folded line belongs to the one before',
      ['A: 1', ' 2', '\t3', 'B:4'],
      [
        ['A', ' 1\r\n 2\r\n\t3'],
        ['B', '4'],
      ],
    ],
    [
      'a line of white space alone does not end it',
      ['A: 1', '  ', 'B: 2', '', 'x'],
      [
        ['A', ' 1\r\n  '],
        ['B', ' 2'],
      ],
    ],
    ['white space may stand before the colon', ['A \t: 1', ''], [['A', ' 1']]],
    [
      'names are any printable characters but the colon',
      ["X-!#$%&'*+-./^_`{|}~: 1", ''],
      [["X-!#$%&'*+-./^_`{|}~", ' 1']],
    ],
    [
      'a value may be empty',
      ['A:', 'B: ', ''],
      [
        ['A', ''],
        ['B', ' '],
      ],
    ],
    [
      'a line that is none is passed over',
      ['A: 1', 'not a field', 'B: 2', ''],
      [
        ['A', ' 1'],
        ['B', ' 2'],
      ],
    ],
    ['an mbox separator too', ['From an@x.vn Mon Jan 12 08:00:00 2026', 'A: 1', ''], [['A', ' 1']]],
    ['a first line that is no field begins the body', ['Hello there', 'A: 1', ''], []],
    ['nothing at all', [''], []],
  ])('%s', (_, lines, expected) => expect(fields(...lines)).toEqual(expected));

  it('of a field that may stand once the last counts (RFC 8621 §4.1.3)', () => {
    const told = summaryOf('Subject: one', 'From: a@x.vn', 'SUBJECT: two', 'from: b@x.vn', '', '');
    expect([told.subject, told.from]).toEqual(['two', [a(null, 'b@x.vn')]]);
  });
});

describe('dates (§3.3, §4.3)', () => {
  it.each([
    ['12 Jan 2026 08:00 +0700', Date.UTC(2026, 0, 12, 1)],
    ['Mon , 12 Jan 2026 08:00:00 +0700', Date.UTC(2026, 0, 12, 1)],
    ['Tue, 12 Jan 2026 08:00:00 +0700', Date.UTC(2026, 0, 12, 1)],
    ['Mon, 12 JANUARY 2026 08:00:00 +0700', Date.UTC(2026, 0, 12, 1)],
    ['12 Jan 2026 08:00:00 -0000', Date.UTC(2026, 0, 12, 8)],
    ['12 Jan 2026 08:00:00 PDT', Date.UTC(2026, 0, 12, 15)],
    ['12 Jan 2026 08:00:00 Z', Date.UTC(2026, 0, 12, 8)],
    ['12 Jan 2026 08:00:00 XYZ', Date.UTC(2026, 0, 12, 8)],
    ['12 Jan 2026 08:00:00', Date.UTC(2026, 0, 12, 8)],
    ['12 Jan 00 08:00:00 GMT', Date.UTC(2000, 0, 12, 8)],
    ['12 Jan 50 08:00:00 GMT', Date.UTC(1950, 0, 12, 8)],
    ['12 Jan 099 08:00:00 GMT', Date.UTC(1999, 0, 12, 8)],
    ['(one) Mon, (two (three)) 12 Jan 2026 08:00:00 +0700', Date.UTC(2026, 0, 12, 1)],
    ['30 Feb 2026 08:00:00 +0700', undefined],
    ['12 Jan 2026 25:00:00 +0700', undefined],
    ['12 Jan 2026 08:60:00 +0700', undefined],
    ['12 Foo 2026 08:00:00 +0700', undefined],
    ['tomorrow', undefined],
  ])('%s', (text, at) => expect(decodeDate(` ${text}`)?.at).toBe(at));
});

describe('addresses and identifiers (§3.4.1, §3.6.4, §4.4)', () => {
  it.each([
    ['a@b.c', ['a@b.c']],
    ['"a@b"@c.d', ['"a@b"@c.d']],
    ['"a\\"b"@c.d', ['"a\\"b"@c.d']],
    ['a.b.c@d.e', ['a.b.c@d.e']],
    ['a . b @ c . d', ['a.b@c.d']],
    ['<a@b>,<c@d>', ['a@b', 'c@d']],
    ['a@b,,,c@d,', ['a@b', 'c@d']],
    ['=?utf-8?q?a=40b?= <x@y>', ['x@y']],
    ['đ@x.vn', ['đ@x.vn']],
    ['a@đ.vn', ['a@đ.vn']],
  ])('%s', (text, emails) =>
    expect(decodeAddresses(` ${Buffer.from(text).toString('latin1')}`).map(({ email }) => email)).toEqual(emails),
  );
  it.each([
    ['<a@b>', ['a@b']],
    ['(c) <a@b> (d) <e@f>', ['a@b', 'e@f']],
    ['<"a b"@c>', ['"ab"@c']],
    ['<a@[1.2.3.4]>', ['a@[1.2.3.4]']],
    ['<a@b><c@d>', ['a@b', 'c@d']],
    ['<a\r\n @b>', ['a@b']],
    ['<no at>', ['noat']],
  ])('%j', (text, ids) => expect(decodeMessageIds(` ${text}`)).toEqual(ids));
});
