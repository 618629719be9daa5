/** A row as one line: a JSON array, bytes as base64; the same from SQLite and from PostgreSQL. */
import { createHash } from 'node:crypto';

import type { Dialect } from '../db/kit.ts';
import type { ColumnKind } from './repository/tables.ts';

export function writeRow(kinds: readonly ColumnKind[], values: readonly unknown[]): string {
  return JSON.stringify(values.map((value, i) => neutral(kinds[i], value)));
}

function neutral(kind: ColumnKind | undefined, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'bool') return value === true || value === 1 || value === 1n;
  if (kind === 'int') return Number(value);
  if (kind === 'bytes' && value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return value;
}

/** The driver's own values. */
export function readRow(kinds: readonly ColumnKind[], line: string, dialect: Dialect): unknown[] {
  const values = JSON.parse(line) as unknown[];
  return values.map((value, i) => {
    if (value === null) return null;
    if (kinds[i] === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64');
    if (kinds[i] === 'bool' && dialect === 'sqlite') return value === true ? 1 : 0;
    return value;
  });
}

/** Pieces of about this size; no piece is longer than the limit. */
const PIECE_BYTES = 256 * 1024;
const LIMIT_BYTES = 4 * 1024 * 1024;

export interface Piece {
  key: string;
  rows: number;
  bytes: Buffer;
}

/**
 * Cuts lines into pieces where the lines themselves say so, not where a count ends: a row that comes or goes changes its own piece
 * only, and all others are in the backup already.
 */
export function createCutter(): { add(line: string): Piece | undefined; end(): Piece | undefined } {
  let lines: string[] = [];
  let length = 0;
  const cut = (): Piece | undefined => {
    if (lines.length === 0) return undefined;
    const bytes = Buffer.from(`${lines.join('\n')}\n`, 'utf8');
    const piece = { key: createHash('sha256').update(bytes).digest('hex'), rows: lines.length, bytes };
    lines = [];
    length = 0;
    return piece;
  };
  return {
    add(line) {
      lines.push(line);
      length += line.length;
      // The beginning of a row holds its key, which stays when the rest changes.
      return length >= LIMIT_BYTES || fnv1a(line) < (line.length / PIECE_BYTES) * 2 ** 32 ? cut() : undefined;
    },
    end: cut,
  };
}

function fnv1a(line: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < line.length && i < 40; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
  // The last steps mix what the short beginnings of neighbours share.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

export const linesOf = (piece: Buffer): string[] => piece.toString('utf8').split('\n').slice(0, -1);
