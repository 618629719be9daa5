/**
 * Units of work that are asked for at the same time run as one: what an account costs, its lock, its counters, its log, is paid once for
 * all that come for it. If one of them fails, all begin anew, each by itself, so that it fails alone.
 */
import { setImmediate } from 'node:timers/promises';

import type { Database, Tx } from '../db/database.ts';

type Unit<T> = (tx: Tx) => Promise<T>;

interface Asked {
  unit: Unit<unknown>;
  done(value: unknown): void;
  failed(error: unknown): void;
}

export interface TogetherOptions {
  db: Pick<Database, 'write'>;
  /** Units that run as one. */
  most: number;
  /** Follows the last of them, in the same transaction. */
  atEnd: (tx: Tx) => Promise<void>;
}

export function createTogether({ db, most, atEnd }: TogetherOptions): <T>(unit: Unit<T>) => Promise<T> {
  let asked: Asked[] = [];
  const alone = <T>(unit: Unit<T>): Promise<T> =>
    db.write(async (tx) => {
      const value = await unit(tx);
      await atEnd(tx);
      return value;
    });
  const asOne = async (group: readonly Asked[]): Promise<void> => {
    const [only, another] = group;
    if (only && !another) return alone(only.unit).then(only.done, only.failed);
    const all: Unit<unknown[]> = async (tx) => {
      const values: unknown[] = [];
      // Whatever it is, also a wish to run again later: only whoever has it waits for that.
      for (const { unit } of group) values.push(await unit(tx).catch(fail));
      return values;
    };
    const values = await alone(all).catch(() => undefined);
    for (const [i, { unit, done, failed }] of group.entries()) {
      if (values) done(values[i]);
      else alone(unit).then(done, failed);
    }
  };
  const run = (): void => {
    const group = asked;
    asked = [];
    for (let i = 0; i < group.length; i += most) void asOne(group.slice(i, i + most));
  };
  return <T>(unit: Unit<T>): Promise<T> => {
    if (most === 1) return alone(unit);
    return new Promise<T>((resolve, reject) => {
      if (asked.length === 0) void setImmediate().then(run);
      asked.push({ unit, done: (value) => resolve(value as T), failed: reject });
    });
  };
}

function fail(cause: unknown): never {
  throw new Error('one of many units failed', { cause });
}
