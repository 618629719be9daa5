/** Flags and keywords: how they are sent, kept and told (RFC 9051 §2.3.2). */
import { describe, expect, it } from 'vitest';

import { flagList, flagsOf, keywordOf, printFlags } from './flags.ts';

describe('flags as sent', () => {
  it.each<[string[], { keywords: string[]; deleted: boolean }]>([
    [[], { keywords: [], deleted: false }],
    [
      ['\\Seen', '\\FLAGGED', '\\answered', '\\dRaFt'],
      { keywords: ['$seen', '$flagged', '$answered', '$draft'], deleted: false },
    ],
    [['\\Deleted'], { keywords: [], deleted: true }],
    [['\\DELETED', 'Nhan', 'nhan', 'NHAN'], { keywords: ['nhan'], deleted: true }],
    [['$Forwarded', '$MDNSent'], { keywords: ['$forwarded', '$mdnsent'], deleted: false }],
    // A keyword may be called as the parts of any object are
    [['constructor', '__proto__', 'toString'], { keywords: ['constructor', '__proto__', 'tostring'], deleted: false }],
    // ... or as the keyword behind a flag: it is the same
    [['$seen', '\\Seen'], { keywords: ['$seen'], deleted: false }],
  ])('%j', (names, expected) => expect(flagsOf(names)).toEqual(expected));

  it.each(['\\Recent', '\\recent', '\\Foo', '\\', '\\*', '\\constructor'])('%s is none that a client may set', (name) =>
    expect(() => flagsOf([name])).toThrow(`no such flag: ${name}`),
  );

  it('a key of SEARCH names one; \\Deleted has no keyword', () => {
    expect(['\\Seen', 'Nhan', '\\deleted'].map(keywordOf)).toEqual(['$seen', 'nhan', undefined]);
  });
});

describe('flags as told', () => {
  it.each<[string[], boolean, boolean, string]>([
    [[], false, false, '()'],
    [['$seen'], false, false, '(\\Seen)'],
    [['$answered', '$draft', '$flagged', '$seen'], false, false, '(\\Answered \\Draft \\Flagged \\Seen)'],
    [['nhan'], true, false, '(nhan \\Deleted)'],
    [[], true, false, '(\\Deleted)'],
    [[], false, true, '(\\Recent)'],
    [['$seen'], true, true, '(\\Seen \\Deleted \\Recent)'],
    [
      ['$forwarded', '$junk', '$mdnsent', '$notjunk', '$phishing'],
      false,
      false,
      '($Forwarded $Junk $MDNSent $NotJunk $Phishing)',
    ],
    [
      ['$mailflagbit0', 'junk', 'junkrecorded', 'nonjunk', 'notjunk'],
      false,
      false,
      '($MailFlagBit0 Junk JunkRecorded NonJunk NotJunk)',
    ],
    [['constructor', 'valueof'], false, false, '(constructor valueof)'],
  ])('%j, deleted %s, recent %s: %s', (keywords, deleted, recent, expected) => {
    expect(printFlags({ keywords, deleted }, recent)).toBe(expected);
    expect(printFlags({ keywords, deleted }, recent)).toBe(expected);
  });

  it('a mailbox has the system flags, the registered keywords and its own, each once', () => {
    const usual = '\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing';
    expect(flagList([])).toBe(usual);
    expect(flagList(['$junk', '$seen', 'a', 'b', 'constructor'])).toBe(`${usual} a b constructor`);
  });
});
