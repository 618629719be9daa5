import { isIPv6 } from 'node:net';

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { SmtpReply } from './reply.ts';
import type { MxSettings } from './settings.ts';

/** What one remote address may do at once and in a while. A provider hands out whole /64 networks: they count as one. */
export interface AddressLimits {
  /** @throws SmtpReply 421 */
  connect(address: string): Promise<void>;
  disconnect(address: string): void;
  /** @throws SmtpReply 451 */
  message(address: string): Promise<void>;
}

export function createAddressLimits(settings: MxSettings['perAddress']): AddressLimits {
  const open = new Map<string, number>();
  const connections = new RateLimiterMemory({ points: settings.connectionsPerMinute, duration: 60 });
  const messages = new RateLimiterMemory({ points: settings.messagesPerHour, duration: 3600 });
  return {
    async connect(address) {
      const key = limitKey(address);
      // Counted before anything else: `disconnect` follows in every case.
      const count = (open.get(key) ?? 0) + 1;
      open.set(key, count);
      if (count > settings.connections) throw new SmtpReply(421, '4.7.0', 'Too many connections from your address');
      await consume(
        connections,
        key,
        new SmtpReply(421, '4.7.0', 'Too many connections from your address, try again in a minute'),
      );
    },
    disconnect(address) {
      const key = limitKey(address);
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    },
    message: (address) =>
      consume(
        messages,
        limitKey(address),
        new SmtpReply(451, '4.7.1', 'Too many messages from your address, try again later'),
      ),
  };
}

/** The same for all but those. */
export function exempting(limits: AddressLimits, isExempt: (address: string) => boolean): AddressLimits {
  return {
    connect: async (address) => (isExempt(address) ? undefined : limits.connect(address)),
    disconnect(address) {
      if (!isExempt(address)) limits.disconnect(address);
    },
    message: async (address) => (isExempt(address) ? undefined : limits.message(address)),
  };
}

/** @throws SmtpReply 451 when this key has sent too much in an hour. */
export function createMessageLimit(perHour: number): (key: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points: perHour, duration: 3600 });
  return (key) => consume(limiter, key, new SmtpReply(451, '4.7.1', 'You sent too many messages, try again later'));
}

async function consume(limiter: RateLimiterMemory, key: string, refusal: SmtpReply): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw refusal;
    throw error;
  }
}

export function limitKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) while (groups.length < 8 - tail.split(':').filter(Boolean).length) groups.push('0');
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
