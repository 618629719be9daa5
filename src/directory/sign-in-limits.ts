/** How often somebody may try. In memory of this process: the lasting lock is in the database. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { signInLocked, signInRateLimited } from './credentials.errors.ts';
import type { CredentialsSettings } from './settings.ts';

export interface SignInLimits {
  /**
   * Takes one try of this remote and this account before anything is hashed, so that tries in parallel count too.
   * @throws sign_in.rate_limited
   */
  take(remote: string, account: string): Promise<void>;
  /** The sign-in was right: the remote's try does not count. */
  giveBack(remote: string): Promise<void>;
  /** Takes a remote's failure where nothing was hashed. @throws sign_in.rate_limited */
  takeRemote(remote: string): Promise<void>;
  /** An address that is nobody's is locked as if it were somebody's. @throws sign_in.locked */
  expectUnknownUnlocked(address: string): Promise<void>;
  unknownFailed(address: string): Promise<void>;
}

export function createSignInLimits(settings: CredentialsSettings): SignInLimits {
  const remotes = new RateLimiterMemory({
    keyPrefix: 'remote',
    points: settings.remoteFailures,
    duration: settings.remoteMinutes * 60,
  });
  const accounts = new RateLimiterMemory({
    keyPrefix: 'account',
    points: settings.accountAttemptsPerMinute,
    duration: 60,
  });
  const unknown = new RateLimiterMemory({
    keyPrefix: 'unknown',
    points: settings.lockAfterFailures,
    duration: settings.lockMinutes * 60,
  });
  const consume = async (limiter: RateLimiterMemory, key: string) => {
    try {
      await limiter.consume(key);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw signInRateLimited(seconds(refusal.msBeforeNext));
      throw refusal;
    }
  };
  return {
    async take(remote, account) {
      await consume(remotes, remoteKey(remote));
      await consume(accounts, account);
    },
    takeRemote: (remote) => consume(remotes, remoteKey(remote)),
    giveBack: async (remote) => void (await remotes.reward(remoteKey(remote))),
    async expectUnknownUnlocked(address) {
      const state = await unknown.get(address);
      if (state && state.consumedPoints >= settings.lockAfterFailures) throw signInLocked(seconds(state.msBeforeNext));
    },
    unknownFailed: async (address) => void (await unknown.penalty(address)),
  };
}

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

/** Who has one IPv6 address has 2^64 of them. */
export function remoteKey(remote: string): string {
  const address = remote
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
