/**
 * Whether what is sent under COMPRESS is worth making smaller: on a narrow line it is, across an office it only costs the time
 * of both sides. Two things tell. How soon the client is heard again after a word that it waited for: within some milliseconds
 * it is near. And how fast octets leave, once there are more of them than buffers on the way hold.
 */

/** What the kernels of both sides may hold, so that it says nothing of the line. */
const BUFFERED = 4 * 1024 * 1024;
/** Looked at again after so much was sent. */
const ENOUGH = 3 * BUFFERED;
/** Or after so long. */
const LONG_MS = 1000;
/** Octets in a millisecond. Above, deflate itself would be the narrow place. */
const FAST = 24_000;
/** A line with less is narrow, wherever the client is. */
const SLOW = 8_000;

/** Milliseconds. */
export interface Spent {
  /** Until the kernel took the octets. */
  readonly waited: number;
  /** Making them smaller. */
  readonly made: number;
}

export class Pace {
  private readonly nearMs: number;
  private small = true;
  private near = false;
  /** When the client was given a word to which it has something to say. */
  private spoke: number | undefined;
  private since = 0;
  private bytes = 0;
  private waited = 0;
  private made = 0;

  /** @param nearMs a client that answers sooner is near; 0: none ever is */
  constructor(nearMs: number, now: number) {
    this.nearMs = nearMs;
    this.spoke = this.since = now;
  }

  /** Make it smaller. */
  get compresses(): boolean {
    return this.small;
  }

  heard(now: number): void {
    if (this.spoke === undefined) return;
    this.near = now - this.spoke < this.nearMs;
    this.small = !this.near;
    this.spoke = undefined;
  }

  sent(bytes: number, { waited, made }: Spent, now: number): void {
    this.bytes += bytes;
    this.waited += waited;
    this.made += made;
    const passed = now - this.since;
    if (this.bytes < ENOUGH && passed < LONG_MS) return;
    this.small = this.nearMs <= 0 || this.judge(passed);
    this.since = now;
    this.bytes = this.waited = this.made = 0;
  }

  private judge(passed: number): boolean {
    const { bytes, waited, made } = this;
    // Then the buffers on the way were full before, too: what left went over the line.
    const heldUp = waited > passed / 2;
    const rate = (heldUp ? bytes : Math.max(0, bytes - BUFFERED)) / passed;
    if (heldUp && rate < SLOW) return true;
    const isWide = rate > (this.near ? SLOW : FAST);
    // The line would take more than is made.
    const isWaitedFor = bytes > BUFFERED && made > waited;
    // Neither: as it was.
    return this.small && !isWide && !isWaitedFor;
  }
}
