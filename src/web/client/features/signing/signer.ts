/** The page's side of the key: promises over the worker. See README.md. */
import type { OwnKey } from '../../../../base/api-types.ts';
import type { OutgoingMessage } from '../../lib/mail/types.ts';
import { SigningError, type CallName, type Calls, type MadeKey, type Reply } from './protocol.ts';

export interface Signer {
  /** Makes a key and leaves it unlocked. Send the result to PUT /api/v1/signing/key. `at`: the server's time, ms. */
  makeKey(input: { fullName: string; address: string; passphrase: string; at?: number }): Promise<MadeKey>;
  /** @throws SigningError wrong_passphrase */
  unlock(key: Pick<OwnKey, 'privateKey'>, passphrase: string): Promise<void>;
  isUnlocked(): boolean;
  /** Fingerprint of the unlocked key. */
  fingerprint(): string | null;
  /** Told whenever the key is locked (idle, sign-out) or unlocked. @returns the function that ends it. */
  subscribe(listener: (unlocked: boolean) => void): () => void;
  /** The finished multipart/signed message. @throws SigningError locked, message_invalid */
  sign(message: OutgoingMessage, options?: { at?: number }): Promise<Uint8Array>;
  /** The private key under a new passphrase; PUT it with the same public key and revocation. */
  changePassphrase(key: Pick<OwnKey, 'privateKey'>, current: string, next: string): Promise<{ privateKey: string }>;
  /** Armored private key in a form that gpg imports, under the same passphrase. */
  exportForGpg(key: Pick<OwnKey, 'privateKey'>, passphrase: string): Promise<string>;
  lock(): Promise<void>;
  /** At sign-out: ends the worker, and with it every copy of the key. */
  close(): void;
}

/** The part of `Worker` that is used; tests bring a MessagePort. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  terminate(): void;
}

export interface SignerOptions {
  /** Unused this long, the key is forgotten. */
  idleMs?: number;
  spawn?: (idleMs: number) => WorkerLike;
}

/** A chunk of its own: nothing of OpenPGP is in the page's bundle, and the worker starts with the first call. */
const spawnWorker = (idleMs: number): WorkerLike =>
  new Worker(new URL('./signing.worker.ts', import.meta.url), { type: 'module', name: `signing:${idleMs}` });

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: SigningError) => void;
}

export function createSigner({ idleMs = 15 * 60_000, spawn = spawnWorker }: SignerOptions = {}): Signer {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(unlocked: boolean) => void>();
  let worker: WorkerLike | undefined;
  let unlocked: string | null = null;
  let nextId = 1;

  const setUnlocked = (fingerprint: string | null) => {
    unlocked = fingerprint;
    for (const listener of listeners) listener(fingerprint !== null);
  };
  const receive = (reply: Reply) => {
    if ('event' in reply) return setUnlocked(reply.fingerprint);
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) call?.resolve(reply.value as never);
    else call?.reject(new SigningError(reply.code, reply.message));
  };
  const end = (code: SigningError['code']) => {
    worker?.terminate();
    worker = undefined;
    for (const { reject } of waiting.values()) reject(new SigningError(code));
    waiting.clear();
    if (unlocked !== null) setUnlocked(null);
  };
  const start = (): WorkerLike => {
    if (worker) return worker;
    const started = spawn(idleMs);
    started.addEventListener('message', (event) => receive(event.data as Reply));
    started.addEventListener('error', () => end('failed'));
    return (worker = started);
  };
  const call = <N extends CallName>(name: N, input: Calls[N]['in']): Promise<Calls[N]['out']> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      start().postMessage({ id, call: name, input });
    });

  return {
    makeKey: (input) => call('makeKey', input),
    unlock: async ({ privateKey }, passphrase) => void (await call('unlock', { privateKey, passphrase })),
    isUnlocked: () => unlocked !== null,
    fingerprint: () => unlocked,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sign: (message, { at } = {}) => call('sign', { message, ...(at === undefined ? {} : { at }) }),
    changePassphrase: ({ privateKey }, current, next) => call('changePassphrase', { privateKey, current, next }),
    exportForGpg: async ({ privateKey }, passphrase) =>
      (await call('exportForGpg', { privateKey, passphrase })).privateKey,
    lock: async () => void (worker && (await call('lock', null))),
    close: () => end('closed'),
  };
}
