/** Keys and verdicts (docs/trust-verdict.md). */
import type { OfficialId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { VerdictKind, Verdict } from '../base/api-types.ts';
import type { PreparedMessage } from '../mailstore/types.ts';

export type { Verdict, VerdictKind };

export interface SigningKeyInfo {
  fingerprint: string;
  address: string;
  state: 'active' | 'superseded' | 'compromised' | 'retired';
  createdAt: number;
  revokedAt: number | null;
}

export interface Signing {
  /** At `init`: makes the provincial certification key. @returns its fingerprint. */
  createCertificationKey(tx: Tx): Promise<string>;
  certificationKey(): Promise<{ fingerprint: string; publicKey: Uint8Array } | undefined>;

  /**
   * Takes a key that the browser made: checks v4 Ed25519, one user id "Full Name <address>" of that official, a signing subkey, no
   * weak digests, the private half encrypted (Argon2id or iterated S2K), the revocation signature valid; certifies and stores it.
   * A former active key becomes superseded. @throws signing.key_unfit {reason}
   */
  enrol(
    officialId: OfficialId,
    input: { publicKey: string; privateKey: string; revocation: string },
  ): Promise<SigningKeyInfo>;
  ownKey(officialId: OfficialId): Promise<(SigningKeyInfo & { publicKey: string; privateKey: string }) | undefined>;
  /** All of them, the newest first. */
  keysOf(officialId: OfficialId): Promise<SigningKeyInfo[]>;
  /** @param since compromised: from when on signatures are bad; now when absent. */
  revoke(
    fingerprint: string,
    reason: 'superseded' | 'compromised' | 'retired',
    actor: string,
    since?: number,
  ): Promise<void>;
  /** Who left signs no more: the active key becomes "retired", now. */
  retireKeysOf(officialId: OfficialId, actor: string): Promise<void>;
  /** Binary transferable public keys for WKD: by the z-base-32 name and the lower-cased local part it was asked for. */
  wkd(domain: string, hash: string): Promise<Uint8Array | undefined>;

  /**
   * The verdict of a received or sent message, from local keys only; `needsKeyOf` names the address whose key must be asked of
   * its domain first. Runs in the worker pool; a message that kills or stalls the worker is "altered" with check "unreadable".
   * @throws worker.busy, signing.unavailable: nothing can be checked now; keep nothing, let the sender try again
   */
  verify(message: PreparedMessage, bytes: Uint8Array, at: number): Promise<Judgement>;
  /** The same for stored bytes, after a key came or was revoked. */
  verifyStored(hash: string): Promise<Judgement>;
  /** In the unit that stores a message whose check ran out of time: it is checked once more, later. */
  checkAgain(tx: Tx, hash: string): Promise<void>;
}

export interface Judgement {
  verdict: Verdict;
  needsKeyOf?: string;
  /** The check ran out of time or its thread died: the machine may be busy, or the message hostile. */
  unfinished?: true;
}
