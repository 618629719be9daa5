import type { Clock } from '../base/clock.ts';
import type { AccountId, Millis } from '../base/ids.ts';
import type { AddressOwner, Directory } from '../directory/types.ts';
import type { Mailstore } from '../mailstore/types.ts';
import { splitAddress } from './addresses.ts';
import { recipientDisabled, recipientInvalid, recipientOverQuota, recipientUnknown } from './delivery.errors.ts';
import type { Delivery, EnvelopeRecipient } from './types.ts';

interface Parts {
  clock: Clock;
  directory: Directory;
  mailstore: Mailstore;
}

export interface LocalRecipient extends EnvelopeRecipient {
  owner: AddressOwner;
}
export interface OutsideRecipient extends EnvelopeRecipient {
  domain: string;
}

/** Why an address of ours takes no mail. */
async function whyNot({ directory }: Parts, address: string): Promise<'unknown' | 'disabled'> {
  const official = await directory.official({ address: address.toLowerCase() });
  return official?.status === 'disabled' ? 'disabled' : 'unknown';
}

/** A mailbox with so much room is not asked again for so long: each RCPT asks, and would wait for the mail that is being stored. */
const MUCH_ROOM = 64 * 1024 * 1024;
const ROOM_KEPT = 2000;
const KEPT_ACCOUNTS = 10_000;

function rememberRoom({ mailstore, clock }: Pick<Parts, 'mailstore' | 'clock'>) {
  const roomy = new Map<AccountId, Millis>();
  return async (accountId: AccountId): Promise<boolean> => {
    if (clock.now() < (roomy.get(accountId) ?? 0)) return false;
    const { usedBytes, quotaBytes } = await mailstore.read(accountId).info();
    if (roomy.size >= KEPT_ACCOUNTS) roomy.clear();
    if (quotaBytes - usedBytes >= MUCH_ROOM) roomy.set(accountId, clock.now() + ROOM_KEPT);
    return usedBytes >= quotaBytes;
  };
}

export async function isFull({ mailstore }: Pick<Parts, 'mailstore'>, accountId: AccountId): Promise<boolean> {
  const { usedBytes, quotaBytes } = await mailstore.read(accountId).info();
  return usedBytes >= quotaBytes;
}

export function createCheckRecipient(parts: Parts): Delivery['checkRecipient'] {
  const isFullNow = rememberRoom(parts);
  return async (given) => {
    const split = splitAddress(given);
    if (!split) throw recipientInvalid([given]);
    if (!parts.directory.isLocalDomain(split.domain)) return { kind: 'outside', domain: split.domain };
    const owner = await parts.directory.resolve(split.address);
    if (!owner)
      throw (await whyNot(parts, split.address)) === 'disabled'
        ? recipientDisabled([given])
        : recipientUnknown([given]);
    if (await isFullNow(owner.accountId)) throw recipientOverQuota(given);
    return { kind: 'local', accountId: owner.accountId };
  };
}

export interface LookedUp {
  local: LocalRecipient[];
  outside: OutsideRecipient[];
  /** By why nobody there takes mail. */
  bad: Record<'invalid' | 'unknown' | 'disabled', string[]>;
}

/** Ours and others; two addresses of one account are one recipient (the first given), as is the same address twice. */
export async function lookUpRecipients(parts: Parts, given: readonly EnvelopeRecipient[]): Promise<LookedUp> {
  const local = new Map<AccountId, LocalRecipient>();
  const outside = new Map<string, OutsideRecipient>();
  const bad: LookedUp['bad'] = { invalid: [], unknown: [], disabled: [] };
  for (const recipient of given) {
    const split = splitAddress(recipient.address);
    if (!split) {
      bad.invalid.push(recipient.address);
    } else if (!parts.directory.isLocalDomain(split.domain)) {
      // RFC 5321 §2.4: the local part of others is theirs, case and all.
      if (!outside.has(split.address))
        outside.set(split.address, { ...recipient, address: split.address, domain: split.domain });
    } else {
      const owner = await parts.directory.resolve(split.address);
      if (!owner) bad[await whyNot(parts, split.address)].push(recipient.address);
      else if (!local.has(owner.accountId)) local.set(owner.accountId, { ...recipient, owner });
    }
  }
  return { local: [...local.values()], outside: [...outside.values()], bad };
}

/** @throws DomainError recipient.invalid, recipient.unknown, recipient.disabled: with all the bad addresses at once */
export async function sortRecipients(
  parts: Parts,
  given: readonly EnvelopeRecipient[],
): Promise<Pick<LookedUp, 'local' | 'outside'>> {
  const { bad, ...good } = await lookUpRecipients(parts, given);
  if (bad.invalid.length > 0) throw recipientInvalid(bad.invalid);
  if (bad.unknown.length > 0) throw recipientUnknown(bad.unknown);
  if (bad.disabled.length > 0) throw recipientDisabled(bad.disabled);
  return good;
}
