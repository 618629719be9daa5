import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * Seals small secrets under the master key: AES-256-GCM, random 96-bit nonce, the context as associated data,
 * so that a sealed DKIM key cannot be passed off as a certification key.
 * Layout: version (1 byte, 0x01) | nonce (12) | tag (16) | ciphertext.
 */
export interface SecretBox {
  seal(context: string, plain: Uint8Array): Uint8Array;
  /** @throws SealError when the key, the context or a byte differs. */
  open(context: string, sealed: Uint8Array): Uint8Array;
}

/** Another master key, another context, or a changed byte. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const VERSION = 1;
const NONCE = 12;
const TAG = 16;

export function createSecretBox(masterKey: Uint8Array): SecretBox {
  if (masterKey.length !== 32) throw new Error('the master key is 32 bytes');
  return {
    seal(context, plain) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body]);
    },
    open(context, sealed) {
      if (sealed.length < 1 + NONCE + TAG || sealed[0] !== VERSION) throw new SealError('not a sealed secret');
      const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(1, 1 + NONCE));
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(sealed.subarray(1 + NONCE, 1 + NONCE + TAG));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()]);
      } catch (cause) {
        throw new SealError('a sealed secret does not open: master.key is not the one it was sealed with', { cause });
      }
    },
  };
}
