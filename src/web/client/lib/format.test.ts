import { describe, expect, it } from 'vitest';
import { bytes, courseTime, date, dateTime, daysUntil, initials, listTime, number, time } from './format.ts';

// 00:30 on the 22nd in Việt Nam is still the 21st in UTC.
const now = new Date('2026-11-21T17:30:00Z');

describe('dates in Asia/Ho_Chi_Minh, whatever the computer says', () => {
  it('are dd/mm/yyyy with 24 hours', () => {
    expect(date('2026-11-21T17:30:00Z')).toBe('22/11/2026');
    expect(time('2026-11-21T17:05:00Z')).toBe('00:05');
    expect(dateTime('2026-01-05T10:00:00Z')).toBe('05/01/2026 17:00');
  });
  it('leave a bare day alone', () => expect(date('2026-01-05')).toBe('05/01/2026'));
  it('are short in lists: the hour today, yesterday, the day, the year when it is another', () => {
    expect(listTime('2026-11-21T17:10:00Z', now)).toBe('00:10');
    expect(listTime('2026-11-21T10:00:00Z', now)).toBe('Hôm qua');
    expect(listTime('2026-11-19T10:00:00Z', now)).toBe('19/11');
    expect(listTime('2025-12-31T10:00:00Z', now)).toBe('31/12/2025');
  });
  it('say today in a course', () => {
    expect(courseTime('2026-11-21T17:10:00Z', now)).toBe('00:10 hôm nay');
    expect(courseTime('2026-11-20T09:20:00Z', now)).toBe('20/11 16:20');
  });
  it('count whole days to a due date', () => {
    expect(daysUntil('2026-12-05', now)).toBe(13);
    expect(daysUntil('2026-11-20', now)).toBe(-2);
  });
});
describe('numbers and names', () => {
  it('use the dot for thousands and the comma for decimals', () => {
    expect(number(1234567.5, 1)).toBe('1.234.567,5');
    expect(bytes(412_000)).toBe('412 KB');
    expect(bytes(5_250_000)).toBe('5,3 MB');
  });
  it('take the first and the given name', () => {
    expect(initials('Nguyễn Văn Hùng')).toBe('NH');
    expect(initials('Đặng Đình Đức')).toBe('ĐĐ');
    expect(initials('')).toBe('?');
  });
});
