/** Identification codes and dates of units. Pure. */
import type { Millis } from '../base/ids.ts';

// QĐ 20/2020/QĐ-TTg, letter and two digits, then one group per level; 35 characters.
const code = /^(?=.{3,35}$)[A-Z]\d{2}(?:\.[0-9A-Z]{1,10})*$/;
// QCVN 102:2016, leaf first: 000.00.00.H49.
const legacyCode = /^\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}$/;

export const isUnitCode = (text: string): boolean => code.test(text);
export const isLegacyCode = (text: string): boolean => legacyCode.test(text);

export const adminTiers = ['trung_uong', 'tinh', 'xa'] as const;
export const postRoles = ['lanh_dao', 'lanh_dao_phong', 'chuyen_vien', 'van_thu', 'quan_tri', 'mot_cua'] as const;

/** yyyy-mm-dd of a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The day in Vietnam (UTC+7, no summer time). */
export function dayOf(at: Millis): string {
  return new Date(at + 7 * 3_600_000).toISOString().slice(0, 10);
}

/** validTo is the first day on which it no longer stands. */
export function standsOn(day: string, { validFrom, validTo }: { validFrom: string; validTo: string | null }): boolean {
  return validFrom <= day && (validTo === null || day < validTo);
}
