/** RFC 5322 §3.3 and §4.3 dates, leniently; ISO 8601 and asctime too. What is no date gives null. */
import type { Millis } from '../base/ids.ts';

export interface HeaderDate {
  at: Millis;
  /** Minutes east of UTC; 0 when the zone is unknown (RFC 5322 §4.3). */
  zone: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 §4.3: the only letters that say where; single letters and others count as -0000. */
const ZONES: Record<string, number> = {
  ut: 0,
  gmt: 0,
  utc: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  ict: 420,
};

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  zone: number;
}

export function parseDate(raw: string): HeaderDate | null {
  // Nothing honest is longer.
  const text = withoutComments(raw.slice(0, 200)).replace(/\s+/g, ' ').trim();
  const fields = rfc5322(text) ?? asctime(text) ?? iso8601(text);
  return fields === undefined ? null : instant(fields);
}

/** RFC 5322 §3.2.2: comments ("(ICT)") may hold comments and quoted pairs. */
function withoutComments(text: string): string {
  const less = text.replace(/\((?:[^()\\]|\\.)*\)/g, ' ');
  return less === text ? text : withoutComments(less);
}

function rfc5322(text: string): Fields | undefined {
  const match =
    /^(?:[a-z]{2,10}\.? ?,? ?)?(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{2,4}),? (\d{1,2}) ?[:.] ?(\d{1,2})(?: ?[:.] ?(\d{1,2})(?:\.\d+)?)? ?(.*)$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, day, month, year, hour, minute, second, zone] = match;
  return numbers(fullYear(year ?? ''), monthOf(month), day, [hour, minute, second], zone);
}

/** "Sun Nov  6 08:49:37 1994", as mbox tools write it. */
function asctime(text: string): Fields | undefined {
  const match =
    /^(?:[a-z]{3,9},? )?([a-z]{3,9}) (\d{1,2}),? (\d{1,2}):(\d{2})(?::(\d{2}))? (?:([a-z]{1,5}|[+-]\d{4}) )?(\d{4})(?: (.*))?$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, month, day, hour, minute, second, zone, year, after] = match;
  return numbers(Number(year), monthOf(month), day, [hour, minute, second], zone ?? after ?? '');
}

function iso8601(text: string): Fields | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? ?(.*)$/i.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, zone] = match;
  return numbers(Number(year), Number(month) - 1, day, [hour, minute, second], zone);
}

function numbers(
  year: number,
  month: number,
  day: string | undefined,
  time: (string | undefined)[],
  zone = '',
): Fields {
  const [hour, minute, second] = time.map((part) => Number(part ?? 0));
  return {
    year,
    month,
    day: Number(day),
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
    zone: zoneMinutes(zone),
  };
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase());
}

/** RFC 5322 §4.3: two digits up to 49 are 20xx, three digits count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length >= 4) return year;
  return digits.length === 2 && year < 50 ? year + 2000 : year + 1900;
}

function zoneMinutes(zone: string): number {
  const numeric = /^(?:GMT|UTC)? ?([+-])(\d{2}):?(\d{2})/i.exec(zone);
  if (numeric) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
    // Nobody lives beyond +-24 hours; the field is then worth nothing.
    if (minutes >= 24 * 60 || minutes === 0) return 0;
    return numeric[1] === '-' ? -minutes : minutes;
  }
  const name = /^[a-z]+/i.exec(zone)?.[0].toLowerCase() ?? '';
  return Object.hasOwn(ZONES, name) ? (ZONES[name] ?? 0) : 0;
}

function instant(fields: Fields): HeaderDate | null {
  const { year, month, day, hour, minute, second, zone } = fields;
  if (month < 0 || month > 11 || year < 1900 || year > 9999 || hour > 24 || minute > 59 || second > 60) return null;
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  if (day < 1 || day > last || (hour === 24 && minute + second > 0)) return null;
  // A leap second (RFC 5322 §3.3 allows :60) is shown as the second before.
  const at = Date.UTC(year, month, day, hour, minute, Math.min(second, 59)) - zone * 60_000;
  // RFC 3339 §1: what is told in UTC has four digits of year; the last day of 9999 ends later in the west.
  return at <= LAST ? { at, zone } : null;
}
