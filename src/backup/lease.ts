/**
 * While a backup runs, nothing that it may still copy is swept: the sweep asks for this lease within the unit of work that would
 * remove content. A backup that dies loses it by itself, on this machine at once.
 */
import { randomToken } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { DomainError } from '../base/errors.ts';
import type { Database } from '../db/database.ts';
import type { FactStore } from '../db/facts.ts';
import { exclusive } from '../db/exclusive.ts';
import { isDead, thisProcess } from './lock.ts';

export const LEASE = 'backup.lease';
const LASTS = 3 * 60_000;
const RENEWED_EVERY = 30_000;

interface Leased {
  token: string;
  until: number;
  holder: unknown;
}

export interface Lease {
  /** It was ours all the time. @throws backup.lease_lost */
  confirm(): Promise<void>;
  end(): Promise<void>;
}

interface LeaseParts {
  db: Database;
  facts: FactStore;
  clock: Clock;
}

/** @throws backup.busy */
export async function takeLease({ db, facts, clock }: LeaseParts): Promise<Lease> {
  const token = randomToken();
  /** @returns whether it is ours, for as long as `lasts` says. */
  const hold = (lasts: number, first = false): Promise<boolean> =>
    db.write(async (tx) => {
      await exclusive(db, tx, LEASE);
      const now = clock.now();
      const found = leased(await facts.getIn(tx, LEASE));
      const runs = isRunning(found, now);
      // One that ended for a moment is no longer ours: a sweep may have taken what was not copied yet.
      if (first ? runs : !runs || found?.token !== token) return false;
      await facts.put(tx, LEASE, { token, until: now + lasts, ...thisProcess() });
      return true;
    });
  if (!(await hold(LASTS, true)))
    throw new DomainError('conflict', 'backup.busy', 'another backup of this installation is running');
  let lost = false;
  const renewal = setInterval(() => {
    hold(LASTS).then(
      (held) => {
        lost ||= !held;
      },
      // The database was away for a moment: the next renewal or `confirm` will tell.
      () => undefined,
    );
  }, RENEWED_EVERY);
  renewal.unref();
  return {
    async confirm() {
      if (lost || !(await hold(LASTS)))
        throw new DomainError('conflict', 'backup.lease_lost', 'the backup stood still for too long: start it again');
    },
    async end() {
      clearInterval(renewal);
      // Otherwise it ends by itself.
      await hold(0).catch(() => undefined);
    },
  };
}

function leased(fact: unknown): Leased | undefined {
  if (typeof fact !== 'object' || fact === null || !('token' in fact) || !('until' in fact)) return undefined;
  return { token: String(fact.token), until: Number(fact.until), holder: fact };
}

/** A backup is running: content stays. */
export async function isLeased({ facts, clock }: Pick<LeaseParts, 'facts' | 'clock'>): Promise<boolean> {
  return isRunning(leased(await facts.get(LEASE)), clock.now());
}

/** One that ends later than any can was taken before the clock was set back. */
const isRunning = (found: Leased | undefined, now: number): boolean =>
  found !== undefined && found.until > now && found.until <= now + LASTS && !isDead(found.holder);
