/**
 * Disk and database say in their own ways that they cannot now. Each face tells its client once, in its protocol's words, to come again;
 * the log has the rest.
 */
import { DomainError } from './errors.ts';

type Fault = 'full' | 'busy' | 'away' | 'broken';

const WORDS: Record<Fault, string> = {
  full: 'the server has no room to store this now',
  busy: 'the store is busy, try again',
  away: 'the database does not answer, try again',
  broken: 'the disk of the server does not take or give data',
};

/** By errno's names (Node.js) and by SQLSTATE (PostgreSQL, appendix A). */
const BY_CODE: Readonly<Record<string, Fault | undefined>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  '53100': 'full',
  '55P03': 'busy',
  '53300': 'busy',
  ECONNREFUSED: 'away',
  ECONNRESET: 'away',
  EPIPE: 'away',
  ETIMEDOUT: 'away',
  '57P01': 'away',
  '57P02': 'away',
  '57P03': 'away',
  '08000': 'away',
  '08003': 'away',
  '08006': 'away',
  EIO: 'broken',
  EROFS: 'broken',
  '58030': 'broken',
};

/** SQLite's primary result codes: FULL; BUSY, LOCKED; IOERR, READONLY, CORRUPT, CANTOPEN. */
const BY_SQLITE: Readonly<Record<number, Fault | undefined>> = {
  13: 'full',
  5: 'busy',
  6: 'busy',
  10: 'broken',
  8: 'broken',
  11: 'broken',
  14: 'broken',
};

/** Undefined: some other failure, perhaps a mistake of ours. */
export function storageFault(error: unknown): DomainError | undefined {
  const fault = faultOf(error, 0);
  return fault && new DomainError('unavailable', `storage.${fault}`, WORDS[fault], {}, error);
}

const DEEP = 8;

function faultOf(error: unknown, depth: number): Fault | undefined {
  if (!(error instanceof Error) || depth > DEEP) return undefined;
  const own = byCodes(error) ?? byWords(error.message);
  if (own) return own;
  if (error instanceof AggregateError) return faultOf(error.errors[0], depth + 1);
  return faultOf(error.cause, depth + 1);
}

function byCodes(error: Error): Fault | undefined {
  if ('sqliteCode' in error && typeof error.sqliteCode === 'number') return BY_SQLITE[error.sqliteCode & 0xff];
  return 'code' in error && typeof error.code === 'string' ? BY_CODE[error.code] : undefined;
}

/** The driver of PostgreSQL has no code for a connection that ended under it. */
const byWords = (message: string): Fault | undefined =>
  /^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error/.test(
    message,
  )
    ? 'away'
    : undefined;
