/** The stored form of what was derived from the bytes. Only our own `deriveMessage` writes it. */
import { unpackMembers } from '../../db/packed-json.ts';
import type { DerivedMessage, Summary } from '../../message/types.ts';

export type StoredDerived = Omit<DerivedMessage, 'text' | 'imapEnvelope' | 'imapBodyStructure'>;

/** The checked boundary: the row was written by `recordMessage` from a DerivedMessage, of this or an older version. */
export const storedDerived = (value: unknown): StoredDerived => value as StoredDerived;

/** Of the column as the driver gives it, no more than these members of the summary. */
export const storedSummary = (column: Uint8Array, wanted: readonly (keyof Summary)[]): Partial<Summary> =>
  unpackMembers(column, 'summary', wanted);
