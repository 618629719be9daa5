/** Numbers of the stored forms: seven bits an octet, the lowest first, the high bit says that more follow (LEB128). */
import { BlobDamaged } from './errors.ts';

export class Writer {
  private readonly octets: number[] = [];

  octet(value: number): this {
    this.octets.push(value & 0xff);
    return this;
  }

  number(value: number): this {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.octets.push((rest % 0x80) | 0x80);
    this.octets.push(rest);
    return this;
  }

  /** CRC-32 (ISO 3309), lowest octet first. */
  crc(value: number): this {
    for (let shift = 0; shift < 32; shift += 8) this.octets.push((value >>> shift) & 0xff);
    return this;
  }

  bytes(value: Uint8Array): this {
    for (const octet of value) this.octets.push(octet);
    return this;
  }

  get length(): number {
    return this.octets.length;
  }

  done(): Buffer {
    return Buffer.from(this.octets);
  }
}

/** Throws `BlobDamaged` where the octets end too soon or say something impossible. */
export class Reader {
  private readonly source: Buffer;
  at: number;

  constructor(source: Buffer, at = 0) {
    this.source = source;
    this.at = at;
  }

  octet(): number {
    const value = this.source[this.at];
    if (value === undefined) throw new BlobDamaged('the stored octets end too soon');
    this.at++;
    return value;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const octet = this.octet();
      value += (octet & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new BlobDamaged('a stored number is impossible');
      if (octet < 0x80) return value;
    }
  }

  crc(): number {
    const value = this.octet() | (this.octet() << 8) | (this.octet() << 16) | (this.octet() << 24);
    return value >>> 0;
  }

  bytes(length: number): Buffer {
    const value = this.source.subarray(this.at, this.at + length);
    if (value.length !== length) throw new BlobDamaged('the stored octets end too soon');
    this.at += length;
    return value;
  }
}
