/** Staff lists as offices have them: CSV out of Excel, XLSX, or JSON. Everything in them is somebody's typing. */
import { CsvError, parse } from 'csv-parse/sync';

import { DomainError } from '../base/errors.ts';
import { clean, fold } from '../base/text.ts';
import { readWorkbook } from './workbook.ts';

export interface TableRow {
  /** As the person who opens the file sees it; the header is line 1. */
  line: number;
  cells: Record<string, string>;
}
export interface TableLimits {
  importMaxBytes: number;
  importMaxRows: number;
  importHeapMb: number;
}

const bad = (code: string, message: string, details: Record<string, unknown> = {}) =>
  new DomainError('invalid', code, message, details);

/**
 * @param headers the field that each header means, folded ("ho va ten" -> fullName); others are passed over
 * @throws import.too_large, import.unreadable, import.header_missing
 */
export async function readTable(
  bytes: Uint8Array,
  headers: ReadonlyMap<string, string>,
  required: readonly string[],
  limits: TableLimits,
): Promise<TableRow[]> {
  if (bytes.length > limits.importMaxBytes) throw tooLarge();
  const rows = isZip(bytes) ? await excelRows(bytes, limits) : textRows(decode(bytes), headers, limits);
  const [header, ...body] = rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const fields = (header?.cells ?? []).map((cell) => headers.get(headerKey(cell)));
  const missing = required.filter((field) => !fields.includes(field));
  if (missing.length > 0)
    throw bad('import.header_missing', `the first line lacks a column: ${missing.join(', ')}`, { field: missing[0] });
  if (body.length > limits.importMaxRows) throw tooLarge();
  return body.map(({ line, cells }) => {
    const named: Record<string, string> = {};
    cells.forEach((cell, i) => {
      const field = fields[i];
      if (field !== undefined && cell !== '') named[field] ??= cell;
    });
    return { line, cells: named };
  });
}

const tooLarge = () => new DomainError('tooLarge', 'import.too_large', 'the file is too large: split it');

/** "Họ và tên" (NFC or NFD), "full_name", "fullName" -> "ho va ten", "full name". */
function headerKey(text: string): string {
  return fold(text.replace(/([a-z])([A-Z])/g, '$1 $2'))
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

const tidy = (text: string) =>
  clean(text)
    .replace(/[\s\u00a0]+/gu, ' ')
    .trim();

type RawRow = { line: number; cells: string[] };

function decode(bytes: Uint8Array): string {
  try {
    // Excel's "Unicode text" is UTF-16.
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true }).decode(bytes);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DomainError(
      'invalid',
      'import.encoding',
      'the file is not UTF-8: save it as "CSV UTF-8" or as XLSX',
      {},
      cause,
    );
  }
}

function textRows(text: string, headers: ReadonlyMap<string, string>, limits: TableLimits): RawRow[] {
  if (/^\s*[[{]/.test(text)) return jsonRows(text, headers, limits);
  const firstLine = text.split(/\r?\n|\r/, 1)[0] ?? '';
  const delimiter = [',', ';', '\t'].reduce((best, d) =>
    firstLine.split(d).length > firstLine.split(best).length ? d : best,
  );
  try {
    const records: unknown = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      // Also lines of separators alone, which a spreadsheet leaves behind: they must not count against `to`.
      skip_records_with_empty_values: true,
      max_record_size: 100_000,
      to: limits.importMaxRows + 2,
    });
    return (records as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: info.lines,
      cells: record.map(tidy),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw bad('import.unreadable', 'the CSV cannot be read', {
      errors: [{ line: Number(error['lines'] ?? 1), code: 'import.unreadable', message: error.code }],
    });
  }
}

/** [{"code": …}] or {"units": [{…}]}: the keys are the header. Of the keys only those that mean something are columns. */
function jsonRows(text: string, headers: ReadonlyMap<string, string>, limits: TableLimits): RawRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('invalid', 'import.unreadable', 'the JSON cannot be read', {}, cause);
  }
  const list = Array.isArray(value) ? value : Object.values(isRecord(value) ? value : {}).find(Array.isArray);
  if (!list) throw bad('import.unreadable', 'the JSON holds no list');
  const records = (list as unknown[]).filter(isRecord);
  const columns = new Map<string, string>();
  const rows = records.map((record, i) => {
    const cells = new Map<string, string>();
    for (const [key, cell] of Object.entries(record)) {
      const field = headers.get(headerKey(key));
      if (field === undefined) continue;
      if (!columns.has(field)) columns.set(field, key);
      const tidied = tidy(cellText(cell));
      if (tidied !== '' && !cells.has(field)) cells.set(field, tidied);
    }
    return { line: i + 2, cells };
  });
  const filled = rows.filter(({ cells }) => cells.size > 0);
  if (filled.length > limits.importMaxRows) throw tooLarge();
  const fields = [...columns.keys()];
  const row = ({ line, cells }: (typeof rows)[number]): RawRow => ({
    line,
    cells: fields.map((field) => cells.get(field) ?? ''),
  });
  return [{ line: 1, cells: [...columns.values()] }, ...filled.map(row)];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

async function excelRows(bytes: Uint8Array, limits: TableLimits): Promise<RawRow[]> {
  if (unpackedSize(bytes) > limits.importMaxBytes * 10) throw tooLarge();
  const rows = await readWorkbook(bytes, { heapMb: limits.importHeapMb, most: limits.importMaxRows + 2 });
  if (rows === 'too large') throw tooLarge();
  if (rows === 'unreadable') throw new DomainError('invalid', 'import.unreadable', 'the workbook cannot be read');
  return rows.map(({ line, cells }) => ({ line, cells: cells.map(tidy) }));
}

/** What the archive says that it unpacks to: sizes of the central directory, APPNOTE 4.3.12. */
function unpackedSize(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  for (
    let at = buffer.indexOf('PK\u0001\u0002', 0, 'latin1');
    at >= 0 && at + 46 <= buffer.length;
    at = buffer.indexOf('PK\u0001\u0002', at + 4, 'latin1')
  ) {
    total += buffer.readUInt32LE(at + 24);
  }
  return total;
}

function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : '';
}
