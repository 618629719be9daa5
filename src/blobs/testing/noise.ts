import { createCipheriv } from 'node:crypto';

/** Octets that no compression makes smaller; the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A text of lines that shrinks by a quarter at most. */
export const noiseText = (size: number, seed = 1): string =>
  noise(Math.ceil((size * 3) / 4), seed)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n')
    .slice(0, size);
