/**
 * Messages that ended a thread, or were with one that did: each is tried alone in a thread that no other work needs, never on the
 * main one. What ends that too is stored by its header, and if its header does it, by nothing but its octets.
 */
import { sha256 } from '../../base/bytes.ts';
import { DomainError, isDomainError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { createRestingPool } from '../../base/resting-pool.ts';
import { endsItsThread, type WorkerPoolOptions } from '../../base/worker-pool.ts';
import type { Digest } from './digest.ts';
import { digestsOf, taskOf, type DigestAnswer, type DigestTask } from './digest-task.ts';
import { bareDigest } from './head.ts';

export interface Alone {
  /** @throws DomainError unavailable: no thread is to be had now; the message is not to blame. Error: its own, when it has one */
  digest(bytes: Uint8Array): Promise<Digest>;
  /** Waits for nothing that may not come to an end. */
  end(): Promise<void>;
}

const unavailable = (cause?: unknown): DomainError =>
  new DomainError('unavailable', 'worker.none', 'no thread takes mail apart now', {}, cause);

export function createAlone(options: WorkerPoolOptions, limitOf: (octets: number) => number, log: Log): Alone {
  const pool = createRestingPool<DigestTask, DigestAnswer>({ ...options, heapMb: 2 * options.heapMb }, 5000);
  let turn: Promise<unknown> = Promise.resolve();
  let ended = false;
  const attempt = async (bytes: Uint8Array, onlyHead: boolean): Promise<Digest | undefined> => {
    if (ended) throw unavailable();
    const task = taskOf([bytes], { onlyHead });
    const limits = { transfer: [task.octets.buffer], taskMs: limitOf(bytes.length) };
    const answer = await pool.run(task, limits).catch((error: unknown) => {
      if (endsItsThread(error)) return undefined;
      throw unavailable(error);
    });
    if (!answer) return undefined;
    const [digest] = digestsOf(answer);
    if (digest) return digest;
    throw new Error(answer.messages.map((one) => ('failed' in one ? one.failed : '')).join());
  };
  const one = async (bytes: Uint8Array): Promise<Digest> => {
    const whole = await attempt(bytes, false);
    if (whole) return whole;
    log.error(
      { hash: sha256(bytes) },
      'a message cannot be taken apart: stored by its header; "congvu repair" tries again',
    );
    // A header that fails in whatever way is left alone too.
    const head = await attempt(bytes, true).catch((error: unknown) => {
      if (isDomainError(error)) throw error;
      return undefined;
    });
    return head ?? bareDigest(bytes);
  };
  return {
    digest(bytes) {
      const mine = turn.then(() => one(bytes));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async end() {
      ended = true;
      await pool.end();
      await turn;
    },
  };
}
