/** The stored form of what was derived from the bytes. Only our own `deriveMessage` writes it. */
import type { DerivedMessage } from '../../message/types.ts';

export type StoredDerived = Omit<DerivedMessage, 'text' | 'imapEnvelope' | 'imapBodyStructure'>;

/** The checked boundary: the row was written by `recordMessage` from a DerivedMessage, of this or an older version. */
export const storedDerived = (value: unknown): StoredDerived => value as StoredDerived;
