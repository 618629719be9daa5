// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { OutgoingMessage } from '../../lib/mail/types.ts';
import { createKeyHolder } from './key-holder.ts';
import { passphraseStrength } from './passphrase.ts';
import type { MadeKey, Reply, Request } from './protocol.ts';
import { createSigner, type Signer, type WorkerLike } from './signer.ts';

const passphrase = 'Mưa rơi trên phố cũ 42';
const message: OutgoingMessage = {
  from: { name: 'Nguyễn Văn Hùng', email: 'hungnv@caoson.gov.vn' },
  to: [{ email: 'hoatt@caoson.gov.vn' }],
  subject: 'Thử',
  text: 'Nội dung',
  date: new Date(),
  messageId: 'a@b.vn',
};

/** The worker's code on this thread, behind the same structured clones. */
function localWorker(idleMs: number): WorkerLike & { terminated: boolean } {
  const listeners: ((event: MessageEvent) => void)[] = [];
  const holder = createKeyHolder({
    idleMs,
    post: (reply: Reply) => {
      const data = structuredClone(reply);
      queueMicrotask(() => listeners.forEach((listener) => listener({ data } as MessageEvent)));
    },
  });
  return {
    terminated: false,
    postMessage: (request) => void holder.handle(structuredClone(request) as Request),
    addEventListener(type: string, listener: (event: MessageEvent) => void) {
      if (type === 'message') listeners.push(listener);
    },
    terminate() {
      this.terminated = true;
      listeners.length = 0;
    },
  };
}

let signer: Signer;
let workers: ReturnType<typeof localWorker>[];
let made: MadeKey;
beforeEach(async () => {
  workers = [];
  const spawn = (idleMs: number) => {
    const worker = localWorker(idleMs);
    workers.push(worker);
    return worker;
  };
  signer = createSigner({ idleMs: 60_000, spawn });
  made ??= await signer.makeKey({ fullName: 'Nguyễn Văn Hùng', address: 'hungnv@caoson.gov.vn', passphrase });
});
afterEach(() => {
  vi.useRealTimers();
  signer.close();
});
const unlock = () => signer.unlock(made, passphrase);

describe('the signer of the page', () => {
  it('starts its worker with the first call only', async () => {
    const idle = createSigner({ spawn: () => expect.fail('started') });
    expect(idle.isUnlocked()).toBe(false);
    await idle.lock();
    idle.close();
  });

  it('unlocks, signs, tells its listeners and locks', async () => {
    const states: boolean[] = [];
    const end = signer.subscribe((unlocked) => states.push(unlocked));
    await unlock();
    expect([signer.isUnlocked(), signer.fingerprint()]).toEqual([true, made.fingerprint]);
    const text = new TextDecoder().decode(await signer.sign(message));
    expect(text).toContain('Content-Type: multipart/signed;');
    expect(text).toContain('-----BEGIN PGP SIGNATURE-----');
    await signer.lock();
    await expect(signer.sign(message)).rejects.toMatchObject({ name: 'SigningError', code: 'locked' });
    expect(states).toEqual([true, false]);
    end();
  });

  it('forgets the key when it was idle too long, and starts the time anew with every use', async () => {
    await unlock();
    vi.useFakeTimers();
    // The timer of the unlocking began on the real clock; signing sets it on the fake one.
    const first = signer.sign(message);
    await vi.advanceTimersByTimeAsync(50_000);
    await first;
    const second = signer.sign(message);
    await vi.advanceTimersByTimeAsync(50_000);
    await second;
    expect(signer.isUnlocked()).toBe(true);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(signer.isUnlocked()).toBe(false);
  });

  it('forgets the key when the computer slept past the time', async () => {
    await unlock();
    vi.setSystemTime(Date.now() + 120_000);
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'locked' });
    expect(signer.isUnlocked()).toBe(false);
  });

  it('says what is wrong in words of its own', async () => {
    await expect(signer.unlock(made, 'sai rồi')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    await expect(signer.unlock({ privateKey: 'x' }, 'sai rồi')).rejects.toMatchObject({ code: 'key_unreadable' });
    await unlock();
    await expect(signer.sign({ ...message, to: [{ email: 'không' }] })).rejects.toMatchObject({
      code: 'message_invalid',
      message: 'address_invalid',
    });
    expect(signer.isUnlocked()).toBe(true);
  });

  it('changes the passphrase and exports for gpg without keeping the key unlocked', async () => {
    const { privateKey } = await signer.changePassphrase(made, passphrase, 'câu khác hoàn toàn');
    await signer.unlock({ privateKey }, 'câu khác hoàn toàn');
    await signer.lock();
    expect(await signer.exportForGpg(made, passphrase)).toContain('-----BEGIN PGP PRIVATE KEY BLOCK-----');
    expect(signer.isUnlocked()).toBe(false);
  });

  it('ends the worker at sign-out and fails what was asked', async () => {
    await unlock();
    const open = signer.sign(message);
    signer.close();
    await expect(open).rejects.toMatchObject({ code: 'closed' });
    expect([workers[0]!.terminated, signer.isUnlocked()]).toEqual([true, false]);
    await unlock();
    expect(workers).toHaveLength(2);
  });
});

describe('the strength of a passphrase', () => {
  it.each([
    ['', 'too_short'],
    ['Abc12!', 'too_short'],
    ['password', 'too_common'],
    ['MatKhau123', 'too_common'],
    ['12345678901234567890', 'too_common'],
    ['aaaaaaaaaaaaaaaa', 'repeats'],
    ['Nguyễn Văn Hùng', 'contains_name'],
    ['hungnv2026', 'contains_name'],
    ['abcdefghijklmnop', 'too_common'],
    ['xinh lắm', 'add_words'],
  ])('%s is refused: %s', (words, hint) =>
    expect(passphraseStrength(words, ['Nguyễn Văn Hùng', 'hungnv@caoson.gov.vn'])).toMatchObject({
      acceptable: false,
      hint,
    }),
  );

  it.each(['Mưa rơi trên phố cũ 42', 'con trâu đen gặm cỏ bờ đê', 'T7#kQ!9zPw$2xLm'])('%s is accepted', (words) => {
    expect(passphraseStrength(words, ['Nguyễn Văn Hùng'])).toMatchObject({ acceptable: true, hint: 'good' });
  });

  it('does not depend on how accents are typed', () => {
    const words = 'Mưa rơi trên phố cũ 42';
    expect(passphraseStrength(words.normalize('NFD'))).toEqual(passphraseStrength(words));
  });
});
