/**
 * What was taken and waits to be delivered, in order, many in one transaction.
 *
 * Invariants:
 * - a message leaves only when it is delivered, or kept aside for the administrator;
 * - one that cannot be delivered now stays and is tried again; meanwhile nothing new is taken in here (`isStruggling`).
 */
import { setTimeout as pause } from 'node:timers/promises';

import { isDomainError } from '../../base/errors.ts';
import type { AccountId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { isPassing } from '../../base/storage-faults.ts';
import { createCompany } from './company.ts';
import { createPace } from './pace.ts';
import { isFiled, type Taken } from './types.ts';
import { createWaiters } from './waiters.ts';

/** Messages of one transaction. */
const BATCH = 64;
/** Octets that may wait. */
const MOST = 32 * 1024 * 1024;
const ATTEMPTS = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** Who asks for mail waits so long for what was taken before, ms; what takes longer is waited for by nobody else. */
const PATIENCE = 2000;
/** A batch waits so long for its slowest message (a signature may take its time), ms; then the next one begins. */
const SLOWEST = 250;
/** Messages whose delivery has begun. */
const UNDERWAY = 4 * BATCH;

export interface Entry {
  readonly mail: Taken;
  attempts: number;
  /** Failed, and waits for its next attempt. */
  waits: boolean;
  /** It is looked at before it is stored. */
  checks: boolean;
  readonly known: Known;
}

interface Known {
  /** Whose it will be; absent: anybody's. */
  accounts?: readonly AccountId[] | undefined;
  /** Delivered, or aside: how it is forgotten where it was kept. */
  forget?: (() => Promise<void>) | undefined;
  /** It left, whichever way: the journal that has it need not keep it. */
  release?: (() => void) | undefined;
}

export interface LineOptions {
  deliver: (mail: Taken) => Promise<() => Promise<void>>;
  /** Asked before an attempt that is not the first: the database may have gone away after its work was done. */
  isDelivered(entry: Entry): Promise<boolean>;
  /** It cannot be delivered as things are: somebody has to look at it. */
  aside(entry: Entry, error: unknown): Promise<void>;
  log: Log;
}

interface Prepared {
  readonly entry: Entry;
  readonly store: () => Promise<void>;
}

const isFor = ({ known }: Entry, accounts: readonly AccountId[]): boolean =>
  known.accounts?.some((one) => accounts.includes(one)) ?? true;

/** For the log. */
export const nameOf = (mail: Taken): object =>
  isFiled(mail) ? { place: mail.place } : { session: mail.origin.session };

export class Line {
  private readonly given: LineOptions;
  /** Waited for by those who ask for mail. */
  private readonly fresh = new Set<Entry>();
  /** The others: slow, or failed before. */
  private readonly late = new Set<Entry>();
  private readonly waiters = createWaiters(this.fresh, (entry) => this.makeLate(entry));
  /** Of those that send; a message that is still looked at (a signature takes its time) keeps none of them. */
  readonly pace = createPace(
    () => [...this.fresh].filter(({ checks }) => !checks),
    (some) => this.waiters.wait(undefined, some),
  );
  private readonly underway = new Set<Promise<void>>();
  private probing: Promise<void> | undefined;
  private readonly company = createCompany();
  private readonly ready: Entry[] = [];
  private bytes = 0;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(options: LineOptions) {
    this.given = options;
  }

  /** Counted from now on; `run` when it may be delivered, `leave` when not. */
  enter(mail: Taken, known: Known = {}): Entry {
    const entry = { mail, attempts: 0, waits: false, checks: false, known };
    this.pace.entered(this.fresh.size);
    this.fresh.add(entry);
    this.bytes += mail.bytes.byteLength;
    return entry;
  }

  run(entry: Entry): void {
    // It came into the journal while the server stopped, and the next start finds it there.
    if (this.stopping) return;
    this.ready.splice(this.placeOf(entry), 0, entry);
    this.company.arrived();
    this.go();
  }

  leave(entry: Entry): void {
    if (this.fresh.delete(entry) || this.late.delete(entry)) {
      this.pace.left();
      this.bytes -= entry.mail.bytes.byteLength;
      entry.known.release?.();
      if (isFiled(entry.mail)) entry.mail.promise?.done();
    }
    this.waiters.look();
  }

  /** Something that was taken could not be delivered. */
  get isStruggling(): boolean {
    for (const { attempts } of this.late) if (attempts > 0) return true;
    return false;
  }

  /** Tries the oldest that failed; when it succeeds, all of them before this resolves. */
  probe(): Promise<void> {
    this.probing ??= this.retry().finally(() => (this.probing = undefined));
    return this.probing;
  }
  /** Too much waits. */
  get isFull(): boolean {
    return this.bytes > MOST;
  }

  /** Resolves when nothing waits that waits now. */
  drained(): Promise<void> {
    return this.waiters.wait(undefined);
  }

  /** Resolves when this one does not wait any more, or has to wait for its next attempt. */
  gone(entry: Entry): Promise<void> {
    return this.waiters.wait(undefined, [entry]);
  }

  /** As `drained`, for those who would rather not wait for the batch; undefined: nothing waits that may be for these accounts. */
  settled(accounts?: readonly AccountId[]): Promise<void> | undefined {
    return this.soon((entry) => !accounts || isFor(entry, accounts));
  }

  /** The same for mail from outside only. */
  mailDelivered(accounts: readonly AccountId[]): Promise<void> | undefined {
    return this.soon((entry) => !isFiled(entry.mail) && isFor(entry, accounts));
  }

  /** Somebody waits: no further waiting for company. */
  readonly hurry = (): void => this.company.enough();

  private soon(which: (entry: Entry) => boolean): Promise<void> | undefined {
    const entries = [...this.fresh].filter(which);
    if (entries.length === 0) return undefined;
    // A program that filed something looks for it: that has no end of patience, and does not need it.
    const filed = entries.filter(({ mail }) => isFiled(mail));
    const mail = entries.filter((entry) => !isFiled(entry.mail));
    const settled = [this.waiters.wait(PATIENCE, mail), this.waiters.wait(undefined, filed)];
    this.hurry();
    return Promise.all(settled).then(() => undefined);
  }

  /** What clients filed is before all mail: who filed it may look for it at once. */
  private placeOf({ mail }: Entry): number {
    const first = isFiled(mail) ? this.ready.findIndex((one) => !isFiled(one.mail)) : -1;
    return first < 0 ? this.ready.length : first;
  }

  /** What cannot be delivered now stays where it was kept. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    this.company.enough();
    while (this.running) await this.running;
    await Promise.all([...this.underway, this.probing]);
  }

  private go(): void {
    if (this.ready.length >= BATCH) this.company.enough();
    this.running ??= this.work();
  }

  /** While one batch is stored the next one is prepared. */
  private async work(): Promise<void> {
    let before: Promise<unknown> = Promise.resolve();
    while (this.ready.length > 0) {
      await this.company.wait(() => this.stopping || this.waiters.waiting() || this.ready.length >= BATCH);
      const prepared = this.prepare(this.ready.splice(0, BATCH));
      const stored = Promise.all([prepared, before]).then(([stores]) => this.store(stores));
      before = Promise.race([stored, pause(SLOWEST)]);
      await Promise.race([prepared, pause(SLOWEST)]);
      while (this.underway.size > UNDERWAY) await Promise.race(this.underway);
    }
    await before;
    this.running = undefined;
    if (this.ready.length > 0) this.go();
  }

  private async prepare(entries: readonly Entry[]): Promise<Prepared[]> {
    const all = entries.map(async (entry) => ({ entry, store: await this.prepared(entry) }));
    return (await Promise.all(all)).filter((one): one is Prepared => one.store !== undefined);
  }

  private async store(prepared: readonly Prepared[]): Promise<void> {
    const finishing = prepared.map(({ entry, store }) => this.finish(entry, store));
    for (const one of finishing) {
      this.underway.add(one);
      void one.then(() => this.underway.delete(one));
    }
    await Promise.all(finishing);
  }

  private async prepared(entry: Entry): Promise<(() => Promise<void>) | undefined> {
    try {
      entry.checks = true;
      if (entry.attempts === 0 || !(await this.given.isDelivered(entry))) return await this.given.deliver(entry.mail);
      await this.done(entry);
      return undefined;
    } catch (error) {
      await this.failed(entry, error);
      return undefined;
    } finally {
      entry.checks = false;
    }
  }

  private async retry(): Promise<void> {
    for (const entry of this.late) {
      if (!entry.waits) continue;
      entry.waits = false;
      const store = await this.prepared(entry);
      if (store) await this.finish(entry, store);
      // Still the same trouble: what came later would have it too.
      if (entry.waits) return;
    }
  }

  private async finish(entry: Entry, store: () => Promise<void>): Promise<void> {
    try {
      await store();
    } catch (error) {
      await this.failed(entry, error);
      return;
    }
    await this.done(entry);
  }

  private async done(entry: Entry): Promise<void> {
    // It is delivered all the same: the next start finds that, and forgets it then.
    await entry.known.forget?.().catch((error: unknown) => {
      this.given.log.error({ err: error }, 'incoming: what was kept aside is delivered, but cannot be removed');
    });
    this.leave(entry);
  }

  private async failed(entry: Entry, error: unknown): Promise<void> {
    const { log, aside } = this.given;
    entry.attempts++;
    if (!isPassing(error) && (isDomainError(error) || entry.attempts >= ATTEMPTS)) {
      try {
        await aside(entry, error);
        this.leave(entry);
        return;
      } catch (asideError) {
        log.error({ err: asideError }, 'incoming: a message that cannot be delivered cannot be kept aside either');
      }
    }
    log.error({ err: error, attempts: entry.attempts, ...nameOf(entry.mail) }, 'incoming: not delivered yet');
    entry.waits = true;
    this.makeLate(entry);
    this.retryLater(entry.attempts);
  }

  private makeLate(entry: Entry): void {
    if (!this.fresh.delete(entry)) return;
    this.late.add(entry);
    this.waiters.look();
  }

  private retryLater(attempts: number): void {
    if (this.stopping) return;
    const later = Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.probe();
    }, later);
  }
}
