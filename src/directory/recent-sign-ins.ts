/**
 * Mail programs sign in every few minutes with the password that they had before. Who did so lately from the same address is
 * known by a keyed hash in memory: no second Argon2, no second line in the audit log.
 *
 * The key is made at the start and lies nowhere else; the stored hash goes into what is compared, so that a changed password
 * is a wrong one at once, also when another process changed it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import type { OfficialId } from '../base/ids.ts';
import { MAX_PASSWORD } from './passwords.ts';

/** A province has 60,000 officials; each entry has some 200 octets. */
const ENTRIES = 50_000;

interface Try {
  officialId: OfficialId;
  remote: string;
  passwordHash: string;
  password: string;
}

export interface RecentSignIns {
  knows(given: Try): boolean;
  remember(given: Try): void;
}

export function createRecentSignIns(minutes: number, clock: Clock): RecentSignIns {
  const key = randomBytes(32);
  const kept = new Map<string, { mac: Buffer; until: number }>();
  const nameOf = ({ officialId, remote }: Try): string => `${officialId} ${remote}`;
  const macOf = ({ passwordHash, password }: Try): Buffer =>
    createHmac('sha256', key).update(`${passwordHash}\n`).update(password.normalize('NFC')).digest();
  return {
    knows(given) {
      if (given.password.length > MAX_PASSWORD) return false;
      const found = kept.get(nameOf(given));
      if (!found) return false;
      if (found.until > clock.now()) return timingSafeEqual(found.mac, macOf(given));
      kept.delete(nameOf(given));
      return false;
    },
    remember(given) {
      if (minutes === 0) return;
      const name = nameOf(given);
      kept.delete(name);
      kept.set(name, { mac: macOf(given), until: clock.now() + minutes * 60_000 });
      const oldest = kept.size > ENTRIES ? kept.keys().next() : undefined;
      if (oldest && !oldest.done) kept.delete(oldest.value);
    },
  };
}
