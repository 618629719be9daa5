import { describe, expect, it } from 'vitest';
import { addRecipients, fromEntry, isAddress, parseRecipients } from './recipients.ts';

describe('what is an address', () => {
  it.each(['hungnv@caoson.gov.vn', 'a.b+c@x.vn', 'hòa@tênmiền.vn'])('%s is', (text) =>
    expect(isAddress(text)).toBe(true),
  );
  it.each(['hungnv', 'hungnv@', '@x.vn', 'a b@x.vn', 'a@x', 'a..b@x.vn', '.a@x.vn', 'a@-x.vn', 'a@x.vn>'])(
    '%s is not',
    (text) => expect(isAddress(text)).toBe(false),
  );
});
describe('a pasted list', () => {
  it('falls apart at commas, semicolons and line ends', () => {
    expect(parseRecipients('a@x.vn, b@x.vn; c@x.vn\nd@x.vn').map(({ email }) => email)).toEqual([
      'a@x.vn',
      'b@x.vn',
      'c@x.vn',
      'd@x.vn',
    ]);
  });
  it('keeps names, also with a comma in quotes', () => {
    expect(parseRecipients('"Nguyễn, Hùng" <h@x.vn>, Lê Vân <v@x.vn>')).toEqual([
      { name: 'Nguyễn, Hùng', email: 'h@x.vn', kind: 'unknown' },
      { name: 'Lê Vân', email: 'v@x.vn', kind: 'unknown' },
    ]);
  });
  it('marks what is no address and keeps it as typed', () => {
    expect(parseRecipients('Hùng phòng CNTT')).toEqual([{ name: '', email: 'Hùng phòng CNTT', kind: 'invalid' }]);
  });
});
it('nobody is added twice, whatever the case', () => {
  const list = parseRecipients('a@x.vn');
  expect(addRecipients(list, parseRecipients('A@X.vn, b@x.vn, b@x.vn')).map(({ email }) => email)).toEqual([
    'a@x.vn',
    'b@x.vn',
  ]);
});
it('an entry of the directory brings its kind and unit', () => {
  const entry = {
    kind: 'person' as const,
    address: 'v@x.vn',
    name: 'Lê Vân',
    title: 'Chuyên viên',
    unitCode: 'H99.06',
    unitName: 'Sở TT&TT',
  };
  expect(fromEntry(entry)).toEqual({
    name: 'Lê Vân',
    email: 'v@x.vn',
    kind: 'person',
    unitName: 'Chuyên viên, Sở TT&TT',
  });
});
