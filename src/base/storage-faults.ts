/**
 * Disk and database say in their own ways that they cannot now. Each face tells its client once, in its protocol's words, to come again;
 * the log has the rest.
 */
import { DomainError, isDomainError } from './errors.ts';

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
  // Serialization and deadlock, when every attempt met one.
  '40001': 'busy',
  '40P01': 'busy',
  EMFILE: 'busy',
  ENFILE: 'busy',
  ENOMEM: 'busy',
  ECONNREFUSED: 'away',
  ECONNRESET: 'away',
  ECONNABORTED: 'away',
  EPIPE: 'away',
  ETIMEDOUT: 'away',
  EHOSTUNREACH: 'away',
  EHOSTDOWN: 'away',
  ENETUNREACH: 'away',
  ENETDOWN: 'away',
  // Its name is not known now: a container that is being started anew.
  ENOTFOUND: 'away',
  EAI_AGAIN: 'away',
  // A standby that took over and only reads yet; the password or the database is being changed.
  '25006': 'away',
  '28000': 'away',
  '28P01': 'away',
  '3D000': 'away',
  EIO: 'broken',
  EROFS: 'broken',
  ESTALE: 'broken',
  // Data and index corrupted.
  XX001: 'broken',
  XX002: 'broken',
};

/** SQLSTATE's classes: connection, insufficient resources, operator intervention (but for a cancelled statement), system. */
const BY_CLASS: readonly (readonly [string, Fault])[] = [
  ['08', 'away'],
  ['53', 'busy'],
  ['57P', 'away'],
  ['58', 'broken'],
];

/** SQLite's primary result codes: FULL; BUSY, LOCKED, NOMEM, PROTOCOL; IOERR, READONLY, CORRUPT, CANTOPEN, NOTADB. */
const BY_SQLITE: Readonly<Record<number, Fault | undefined>> = {
  13: 'full',
  5: 'busy',
  6: 'busy',
  7: 'busy',
  15: 'busy',
  10: 'broken',
  8: 'broken',
  11: 'broken',
  14: 'broken',
  26: 'broken',
};

/** Undefined: some other failure, perhaps a mistake of ours. */
export function storageFault(error: unknown): DomainError | undefined {
  const fault = faultOf(error, 0);
  return fault && new DomainError('unavailable', `storage.${fault}`, WORDS[fault], {}, error);
}

/** The disk or the database cannot now; they will. What was asked of them may have been done all the same. */
export const isPassing = (error: unknown): boolean =>
  storageFault(error) !== undefined || (isDomainError(error) && error.kind === 'unavailable');

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
  if (!('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  const byClass = () => (/^[0-9A-Z]{5}$/.test(code) ? BY_CLASS.find(([begins]) => code.startsWith(begins)) : undefined);
  return BY_CODE[code] ?? byClass()?.[1];
}

/** The driver of PostgreSQL has no code for a connection that ended under it. */
const byWords = (message: string): Fault | undefined =>
  /^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error/.test(
    message,
  )
    ? 'away'
    : undefined;
