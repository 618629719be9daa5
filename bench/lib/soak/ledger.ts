/**
 * What the server has acknowledged, message by message: at the end each must lie as often as it was promised, in the account it was
 * promised to. What was asked for without an answer (a broken connection) may have happened or not.
 */

interface Entry {
  official: number;
  copies: number;
  /** Copies that may be there or not. */
  doubtful: number;
}

export interface Accounting {
  /** Copies that the server acknowledged. */
  promised: number;
  found: number;
  lost: string[];
  /** More of it than was promised: a double, or one that was expunged. */
  tooMany: string[];
  /** In an account where it was never put, or of no known number. */
  strange: string[];
}

export class Ledger {
  private readonly entries = new Map<string, Entry>();
  private numbers = 0;

  newId(): string {
    return `soak-${++this.numbers}`;
  }

  get size(): number {
    return this.entries.size;
  }

  put(id: string, official: number): void {
    this.entries.set(id, { official, copies: 1, doubtful: 0 });
  }

  /** Nobody answered whether it was put. */
  perhaps(id: string, official: number): void {
    this.entries.set(id, { official, copies: 0, doubtful: 1 });
  }

  copied(id: string, by: number): void {
    const entry = this.entries.get(id);
    if (entry) entry.copies += by;
  }

  /** Nobody answered whether a copy came or went. */
  doubted(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.copies -= 1;
    entry.doubtful += 2;
  }

  /** @param lying ids by official, each as often as it was found. */
  account(lying: ReadonlyMap<number, readonly string[]>): Accounting {
    const result: Accounting = { promised: 0, found: 0, lost: [], tooMany: [], strange: [] };
    const counts = new Map<string, number>();
    for (const [official, ids] of lying) {
      for (const id of ids) {
        result.found++;
        if (this.entries.get(id)?.official === official) counts.set(id, (counts.get(id) ?? 0) + 1);
        else result.strange.push(`${id} in ${official}`);
      }
    }
    for (const [id, { copies, doubtful, official }] of this.entries) {
      const count = counts.get(id) ?? 0;
      result.promised += copies;
      if (count < copies) result.lost.push(`${id} of ${official}: ${count} instead of ${copies}`);
      if (count > copies + doubtful) result.tooMany.push(`${id} of ${official}: ${count} instead of ${copies}`);
    }
    return result;
  }
}
