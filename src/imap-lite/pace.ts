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
const SLOW = 8_000;

export class Pace {
  private readonly nearMs: number;
  private small = true;
  /** When the client was given a word to which it has something to say. */
  private spoke: number | undefined;
  private since = 0;
  private bytes = 0;
  private waited = 0;

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
    this.small = now - this.spoke >= this.nearMs;
    this.spoke = undefined;
  }

  /** @param waited milliseconds until the kernel took these octets */
  sent(bytes: number, waited: number, now: number): void {
    this.bytes += bytes;
    this.waited += waited;
    const passed = now - this.since;
    if (this.bytes < ENOUGH && passed < LONG_MS) return;
    const rate = Math.max(0, this.bytes - BUFFERED) / passed;
    if (rate > FAST) this.small = this.nearMs <= 0;
    // The line holds us up, nothing else does.
    else if (this.waited > passed / 2 && this.bytes / passed < SLOW) this.small = true;
    this.since = now;
    this.bytes = this.waited = 0;
  }
}
