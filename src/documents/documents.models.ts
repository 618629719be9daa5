/** Numbers, notations and identifiers of documents (NĐ 30/2020/NĐ-CP Điều 8, PL I and VI). Pure functions. */
import { fold } from '../base/text.ts';

/** số/ký hiệu: "05/CT-UBND", legal-normative "12/2026/QĐ-UBND". */
const NUMBER_NOTATION = /^(\d{2,11})\/(?:(\d{4})\/)?(\p{L}[\p{L}\d]*(?:-\p{L}[\p{L}\d]*)*)$/u;
const NOTATION = /^\p{L}[\p{L}\d]*(?:-\p{L}[\p{L}\d]*)*$/u;

export interface NumberNotation {
  codeNumber: string;
  yearInNumber: number | null;
  codeNotation: string;
}

/** @returns undefined when it is not as the decree wants it printed. */
export function parseNumberNotation(printed: string): NumberNotation | undefined {
  const match = NUMBER_NOTATION.exec(printed.normalize('NFC'));
  if (!match) return undefined;
  const [, codeNumber = '', year, codeNotation = ''] = match;
  return { codeNumber, yearInNumber: year ? Number(year) : null, codeNotation };
}

export function isNotation(notation: string): boolean {
  return NOTATION.test(notation);
}

/** Below 10 the number is padded with 0. */
export function printNumberNotation(number: number, notation: string, year: number | null): string {
  return `${String(number).padStart(2, '0')}/${year === null ? '' : `${year}/`}${notation}`;
}

/** edXML DocumentId: "H99,2026/01/12,05/CT-UBND". */
export function documentIdentifier(issuerCode: string, issuedDate: string, numberNotation: string): string {
  return `${issuerCode},${issuedDate.replaceAll('-', '/')},${numberNotation}`;
}

/** Loose form for matching: no marks, no separators, no leading zeros. "05/CT-UBND" and "5_ct-ubnd" are both "5ctubnd". */
export function numberKey(numberNotation: string): string {
  return fold(numberNotation)
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .replace(/^0+(?=\d)/, '');
}

/** At most this many groups follow the number in a notation: UBND-KGVX, SY-UBND-VP-TH. */
const GROUPS = 5;

/**
 * The loose keys that a file name may claim: "CV 1427-UBND-KGVX ve thu.signed.pdf" ->
 * 1427ubnd, 1427ubndkgvx, 1427ubndkgvxve, … The register decides which of them is a document.
 */
export function claimedKeys(fileName: string): string[] {
  const tokens = fold(stem(fileName)).match(/\p{L}+|\p{N}+/gu) ?? [];
  const keys = new Set<string>();
  tokens.slice(0, 40).forEach((token, i) => {
    if (!/^\d{1,11}$/.test(token)) return;
    const isYear = /^\d{4}$/.test(tokens[i + 1] ?? '');
    let key = isYear ? token + (tokens[i + 1] ?? '') : token;
    for (const group of tokens.slice(i + (isYear ? 2 : 1), i + 2 + GROUPS)) {
      key += group;
      keys.add(key.replace(/^0+(?=\d)/, ''));
    }
  });
  return [...keys];
}

function stem(fileName: string): string {
  return fileName.replace(/\.[\p{L}\p{N}]{1,5}$/u, '').replace(/\.signed$/i, '');
}

export function extension(fileName: string): string {
  return /\.([\p{L}\p{N}]{1,5})$/u.exec(fileName)?.[1]?.toLowerCase() ?? '';
}

/** yyyy-mm-dd of an instant in Vietnam (UTC+7, no daylight saving); registers run by the local year. */
export function vietnamDate(at: number): string {
  return new Date(at + 7 * 3_600_000).toISOString().slice(0, 10);
}
