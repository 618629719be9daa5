import { describe, expect, it } from 'vitest';

import type { HeaderField } from '../../message/types.ts';
import { authenticationOf } from './authentication.ts';
import { truncate } from './body-values.ts';
import { parseHeaderProperty, zonedDate } from './header-forms.ts';
import { isKeyword } from './keywords.ts';

describe('header properties (RFC 8621 §4.1.2)', () => {
  it.each([
    ['header:From', { field: 'From', form: 'Raw', all: false }],
    ['header:From:asAddresses', { field: 'From', form: 'Addresses', all: false }],
    ['header:Resent-To:asGroupedAddresses:all', { field: 'Resent-To', form: 'GroupedAddresses', all: true }],
    ['header:X-Anything:asDate:all', { field: 'X-Anything', form: 'Date', all: true }],
    ['header:List-Unsubscribe:asURLs', { field: 'List-Unsubscribe', form: 'URLs', all: false }],
    ['header:Subject:asText', { field: 'Subject', form: 'Text', all: false }],
  ])('%s', (property, expected) => expect(parseHeaderProperty(property)).toEqual({ property, ...expected }));
  it.each([
    'header:From:asText',
    'header:Subject:asAddresses',
    'header:Date:asMessageIds',
    'header:Received:asText',
    'header:Return-Path:asAddresses',
    'header:Message-ID:asURLs',
    'header:From:all:asRaw',
    'header:From:asraw',
    'header:',
    'header:a b',
    'header:á',
    'Header:From',
  ])('%s is none', (property) => expect(parseHeaderProperty(property)).toBeUndefined());
});

describe('Date (RFC 8620 §1.4)', () => {
  it.each([
    [0, 0, '1970-01-01T00:00:00Z'],
    [1_414_649_520_000, 480, '2014-10-30T14:12:00+08:00'],
    [1_414_649_520_000, -210, '2014-10-30T02:42:00-03:30'],
  ])('%i in %i', (at, zone, expected) => expect(zonedDate(at, zone)).toBe(expected));
});

describe('keywords (RFC 8621 §4.1.1)', () => {
  it.each(['$seen', '$Forwarded', 'a', '!#$&', '~}|', '[', ']x'.slice(1)])('%s', (text) =>
    expect(isKeyword(text)).toBe(true),
  );
  it.each(['', 'a b', 'a(b', 'a)b', 'a{b', 'a]b', 'a%b', 'a*b', 'a"b', 'a\\b', 'việc', 'x'.repeat(256), 1])(
    '%s is none',
    (text) => expect(isKeyword(text)).toBe(false),
  );
});

describe('body values are cut', () => {
  it.each([
    ['abc', 10, false, 'abc'],
    ['abc', 2, false, 'ab'],
    ['aế', 3, false, 'a'],
    ['a😀', 4, false, 'a'],
    ['<p>a</p>', 6, true, '<p>a'],
    ['a < b', 4, false, 'a < '],
  ])('%s to %i octets', (text, octets, isHtml, expected) => expect(truncate(text, octets, isHtml)).toBe(expected));
});

describe('Authentication-Results (RFC 8601)', () => {
  const field = (raw: string): HeaderField => ({ name: 'Authentication-Results', raw, start: 0, end: 0 });
  const none = { spf: 'none', dkim: 'none', dmarc: 'none', arc: 'none' };
  it.each<[string, string, unknown]>([
    ['of ours', ' mx.vn; spf=softfail smtp.mailfrom=a@b', { ...none, spf: 'softfail' }],
    [
      'with version and comments',
      ' MX.vn 1; dkim=fail (x; dkim=pass) header.d=a; dkim=pass header.d=b',
      { ...none, dkim: 'pass' },
    ],
    ['with none', ' mx.vn; none', none],
    ['with a result nobody knows', ' mx.vn; dmarc=great', none],
    [
      'with a result hidden in a comment',
      ' mx.vn; dmarc=fail (; dmarc=pass header.from=x.vn)',
      { ...none, dmarc: 'fail' },
    ],
    [
      'with a result hidden in a quoted string',
      ' mx.vn; spf=fail reason="; dmarc=pass header.from=x.vn"',
      { ...none, spf: 'fail' },
    ],
    ['with a comment that never ends', ' mx.vn; spf=pass (; dmarc=pass', { ...none, spf: 'pass' }],
    [
      'in alignment',
      ' mx.vn; dmarc=pass (p=REJECT) header.from=Bo.gov.vn',
      { ...none, dmarc: 'pass', alignedDomain: 'bo.gov.vn' },
    ],
    ["of another's", ' mx.vn.evil; dmarc=pass', null],
    ['of nobody', ' ; dmarc=pass', null],
  ])('%s', (_, raw, expected) => expect(authenticationOf([field(raw)], 'mx.vn')).toEqual(expected));
  it('the topmost of ours counts', () => {
    expect(
      authenticationOf([field(' other.vn; spf=fail'), field(' mx.vn; spf=pass'), field(' mx.vn; spf=fail')], 'mx.vn'),
    ).toMatchObject({ spf: 'pass' });
  });
});
