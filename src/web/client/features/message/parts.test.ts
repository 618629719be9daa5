import { describe, expect, it } from 'vitest';
import { fileName, kindOf, shownName } from './parts.ts';

describe('the name of a file', () => {
  it.each([
    ['hoadon\u202efdp.exe', 'hoadonfdp.exe'],
    ['\u2066a\u2069\u200f\u061c.pdf', 'a.pdf'],
    ['a\r\nb.pdf', 'ab.pdf'],
    ['Công văn số 12.pdf', 'Công văn số 12.pdf'],
  ])('%j is read as it is: %j', (name, shown) => expect(fileName({ name })).toBe(shown));
  it('may be missing', () =>
    expect([fileName({ name: null }), fileName({ name: '\u202e' })]).toEqual([undefined, undefined]));
  it('says what kind it is by its true end', () =>
    expect(kindOf({ name: 'hoadon\u202efdp.exe', type: 'application/pdf' })).toBe('EXE'));
});

describe('a part without a file name', () => {
  it('says what it is, as far as its type tells', () => {
    expect(shownName({ name: null, type: 'message/delivery-status' })).toBe('Báo cáo chuyển thư');
    expect(shownName({ name: null, type: 'text/calendar' })).toBe('Lời mời họp');
    expect(shownName({ name: null, type: 'application/zip' })).toBe('Tệp không tên');
    expect(shownName({ name: 'a.zip', type: 'text/calendar' })).toBe('a.zip');
  });
});
