/**
 * Holds the unlocked key inside the worker, for a limited idle time (docs/signing-browser.md). It answers requests one after the
 * other; nothing here returns the key or the passphrase.
 */
import type { PrivateKey } from 'openpgp';

import { signedMessage } from '../../lib/mail/signed.ts';
import { MailBuildError } from '../../lib/mail/types.ts';
import { changePassphrase, exportForGpg, forget, makeKey, signDetached, unlockKey } from './keys.ts';
import { SigningError, type Reply, type Request } from './protocol.ts';

export interface KeyHolderOptions {
  idleMs: number;
  post: (reply: Reply, transfer?: ArrayBuffer[]) => void;
  now?: () => number;
}

export interface KeyHolder {
  handle(request: Request): Promise<void>;
  lock(): void;
}

export function createKeyHolder({ idleMs, post, now = () => Date.now() }: KeyHolderOptions): KeyHolder {
  let held: { key: PrivateKey; usedAt: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let queue: Promise<void> = Promise.resolve();

  const lock = () => {
    clearTimeout(timer);
    if (!held) return;
    forget(held.key);
    held = undefined;
    post({ event: 'locked', fingerprint: null });
  };
  const touch = () => {
    clearTimeout(timer);
    if (!held) return;
    held.usedAt = now();
    timer = setTimeout(lock, idleMs);
  };
  const hold = (key: PrivateKey) => {
    if (held && held.key !== key) forget(held.key);
    held = { key, usedAt: now() };
    touch();
    post({ event: 'unlocked', fingerprint: key.getFingerprint().toUpperCase() });
  };
  const current = (): PrivateKey => {
    // Timers stand still while a computer sleeps; the clock does not.
    if (held && now() - held.usedAt >= idleMs) lock();
    if (!held) throw new SigningError('locked');
    return held.key;
  };

  const answer = async (request: Request): Promise<void> => {
    try {
      const value = await run({ hold, touch, current, lock }, request);
      const transfer = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
      post({ id: request.id, ok: true, value }, transfer);
    } catch (error) {
      post({ id: request.id, ok: false, ...failure(error) });
    }
  };
  return {
    handle: (request) => (queue = queue.then(() => answer(request))),
    lock,
  };
}

interface Held {
  hold(key: PrivateKey): void;
  touch(): void;
  current(): PrivateKey;
  lock(): void;
}

async function run(held: Held, request: Request): Promise<unknown> {
  switch (request.call) {
    case 'makeKey': {
      const { made, unlocked } = await makeKey(request.input);
      held.hold(unlocked);
      return made;
    }
    case 'unlock': {
      held.hold(await unlockKey(request.input.privateKey, request.input.passphrase));
      return { fingerprint: held.current().getFingerprint().toUpperCase() };
    }
    case 'sign': {
      const { message, at } = request.input;
      const key = held.current();
      const bytes = await signedMessage(message, (payload) => signDetached(key, payload, at));
      held.touch();
      return bytes;
    }
    case 'changePassphrase':
      return {
        privateKey: await changePassphrase(request.input.privateKey, request.input.current, request.input.next),
      };
    case 'exportForGpg':
      return { privateKey: await exportForGpg(request.input.privateKey, request.input.passphrase) };
    case 'lock':
      held.lock();
      return null;
  }
}

function failure(error: unknown): { code: SigningError['code']; message: string } {
  if (error instanceof SigningError) return { code: error.code, message: error.message };
  if (error instanceof MailBuildError) return { code: 'message_invalid', message: error.code };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}
