/** Dates dd/mm/yyyy, 24 hours, Asia/Ho_Chi_Minh; numbers 1.234,5 — whatever the browser's own settings are. */
import { locale, t } from './i18n/i18n.ts';

const zone = 'Asia/Ho_Chi_Minh';
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

interface Parts {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
}
function split(date: Date): Parts {
  const found = { year: '', month: '', day: '', hour: '', minute: '' };
  for (const { type, value } of parts.formatToParts(date)) if (type in found) found[type as keyof Parts] = value;
  return found;
}
const asDate = (value: string | number | Date): Date => (value instanceof Date ? value : new Date(value));

export function time(value: string | number | Date): string {
  const p = split(asDate(value));
  return `${p.hour}:${p.minute}`;
}
export function date(value: string | number | Date): string {
  // A bare day has no zone: it must not slip to the day before.
  if (typeof value === 'string') {
    const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
    if (day) return `${day[3]}/${day[2]}/${day[1]}`;
  }
  const p = split(asDate(value));
  return `${p.day}/${p.month}/${p.year}`;
}
export const dateTime = (value: string | number | Date): string => `${date(value)} ${time(value)}`;

const dayKey = (value: Date): string => {
  const p = split(value);
  return `${p.year}-${p.month}-${p.day}`;
};

/** For lists: the hour today, "Hôm qua", dd/mm this year, else dd/mm/yyyy. */
export function listTime(value: string, now: Date = new Date()): string {
  const at = new Date(value);
  const key = dayKey(at);
  if (key === dayKey(now)) return time(at);
  if (key === dayKey(new Date(now.getTime() - 86_400_000))) return t('common.yesterday');
  const p = split(at);
  return p.year === split(now).year ? `${p.day}/${p.month}` : `${p.day}/${p.month}/${p.year}`;
}
/** For timelines: "08:42 hôm nay", "21/11 16:20". */
export function courseTime(value: string, now: Date = new Date()): string {
  const at = new Date(value);
  if (dayKey(at) === dayKey(now)) return t('common.todayAt', { time: time(at) });
  const p = split(at);
  return p.year === split(now).year ? `${p.day}/${p.month} ${time(at)}` : dateTime(at);
}
/** Whole days from today to a yyyy-mm-dd; negative when past. */
export function daysUntil(day: string, now: Date = new Date()): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${dayKey(now)}T00:00:00Z`)) / 86_400_000);
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale() === 'en' ? 'en-GB' : 'vi-VN', { maximumFractionDigits: digits }).format(value);
}
export function bytes(size: number): string {
  if (size < 1000) return `${number(size)} B`;
  if (size < 1_000_000) return `${number(size / 1000)} KB`;
  return `${number(size / 1_000_000, 1)} MB`;
}
/** "Nguyễn Văn Hùng" -> "NH"; a unit -> its first two capitals. */
export function initials(name: string): string {
  const words = name
    .normalize('NFC')
    .replace(/["'<>()@.]/g, ' ')
    .split(/\s+/)
    .filter((word) => /^\p{L}/u.test(word));
  const first = words[0]?.[0] ?? '?';
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? '') : (words[0]?.[1] ?? '');
  return (first + last).toLocaleUpperCase('vi');
}
