/** Where each stored thing lies: millions of them, so one buffer and one table of places instead of objects. */
import type { Kind } from './records.ts';

/** kind (1) | key (32) | pack (4) | offset (4): packs are far below 4 GiB | stored length with its head (4) */
const ENTRY = 45;

export interface Where {
  pack: number;
  offset: number;
  length: number;
}

export class ObjectIndex {
  private entries = Buffer.alloc(ENTRY * 1024);
  private slots = new Int32Array(4096);
  private filled = 0;

  get count(): number {
    return this.filled;
  }

  has(kind: Kind, key: string): boolean {
    return this.number(kind, key) !== undefined;
  }

  find(kind: Kind, key: string): Where | undefined {
    const n = this.number(kind, key);
    return n === undefined ? undefined : this.where(n);
  }

  /** A later place of the same thing replaces the earlier one. */
  put(kind: Kind, key: string, { pack, offset, length }: Where): void {
    const known = this.number(kind, key);
    const n = known ?? this.append(kind, key);
    const at = n * ENTRY;
    this.entries.writeUInt32BE(pack, at + 33);
    this.entries.writeUInt32BE(offset, at + 37);
    this.entries.writeUInt32BE(length, at + 41);
  }

  /** The thing's number, for a set of bits beside the index. What is no SHA-256 is nowhere: names of files are made of it. */
  number(kind: Kind, key: string): number | undefined {
    const wanted = Buffer.from(`${kind}${Buffer.from(key, 'hex').toString('latin1')}`, 'latin1');
    if (key.length !== 64 || wanted.length !== 33) return undefined;
    const mask = this.slots.length - 1;
    for (let slot = wanted.readUInt32BE(1) & mask; ; slot = (slot + 1) & mask) {
      const n = (this.slots[slot] ?? 0) - 1;
      if (n < 0) return undefined;
      if (this.entries.compare(wanted, 0, 33, n * ENTRY, n * ENTRY + 33) === 0) return n;
    }
  }

  where(n: number): Where {
    const at = n * ENTRY;
    return {
      pack: this.entries.readUInt32BE(at + 33),
      offset: this.entries.readUInt32BE(at + 37),
      length: this.entries.readUInt32BE(at + 41),
    };
  }

  thing(n: number): { kind: Kind; key: string } {
    const at = n * ENTRY;
    return {
      kind: this.entries.toString('latin1', at, at + 1) as Kind,
      key: this.entries.toString('hex', at + 1, at + 33),
    };
  }

  private append(kind: Kind, key: string): number {
    const n = this.filled++;
    if (this.filled * ENTRY > this.entries.length)
      this.entries = Buffer.concat([this.entries, Buffer.alloc(this.entries.length)]);
    this.entries.write(kind, n * ENTRY, 'latin1');
    this.entries.write(key, n * ENTRY + 1, 'hex');
    if (this.filled * 2 > this.slots.length) this.rehash();
    else this.place(n);
    return n;
  }

  private place(n: number): void {
    const mask = this.slots.length - 1;
    let slot = this.entries.readUInt32BE(n * ENTRY + 1) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = n + 1;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    for (let n = 0; n < this.filled; n++) this.place(n);
  }
}
