/** Who is connected: in all, by address (IPv6: by /64, of which one household has all), by user. */
import { remoteKey } from '../directory/sign-in-limits.ts';
import type { ImapSettings } from './settings.ts';

export class Admission {
  private readonly settings: ImapSettings;
  private all = 0;
  private readonly counts = new Map<string, number>();

  constructor(settings: ImapSettings) {
    this.settings = settings;
  }

  /** @returns the function that gives the place back; undefined: full. */
  enter(remote: string): (() => void) | undefined {
    if (this.all >= this.settings.connections) return undefined;
    const leave = this.take(`address ${remoteKey(remote)}`, this.settings.connectionsPerAddress);
    if (!leave) return undefined;
    this.all++;
    return () => {
      this.all--;
      leave();
    };
  }

  signIn(officialId: number): (() => void) | undefined {
    return this.take(`user ${officialId}`, this.settings.connectionsPerUser);
  }

  private take(key: string, most: number): (() => void) | undefined {
    const count = this.counts.get(key) ?? 0;
    if (count >= most) return undefined;
    this.counts.set(key, count + 1);
    return () => {
      const now = (this.counts.get(key) ?? 1) - 1;
      if (now === 0) this.counts.delete(key);
      else this.counts.set(key, now);
    };
  }
}
