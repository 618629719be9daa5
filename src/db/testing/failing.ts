/** A database of which one statement fails: in a unit of work, at its end, or in a read. */
import { sql } from 'drizzle-orm';

import { RunAgain } from '../again.ts';
import type { Database, Query } from '../database.ts';
import { interpose } from './interpose.ts';

/** `fails`: as a disk does it. `again`: the unit is undone and runs once more from its start. */
type Kind = 'fails' | 'again';

export interface Failing {
  readonly db: Database;
  /** From now on, the statement that has `n` before it. */
  at(n: number, kind?: Kind): void;
  /** From now on, whenever this says how. */
  whenever(decide: () => Kind | undefined): void;
  /** The one that was asked for came. */
  struck(): boolean;
  /** None fails any more. */
  never(): void;
}

export const isFault = (error: unknown): boolean =>
  error instanceof Error && (/the disk does not|division by zero/.test(error.message) || isFault(error.cause));

export function failing(db: Database): Failing {
  let left = -1;
  let kind: Kind = 'fails';
  let hasStruck = false;
  let decide: (() => Kind | undefined) | undefined;
  const inTurn = (): Kind | undefined => (left >= 0 && left-- === 0 ? kind : undefined);
  const reached = async (q: Query, inUnit: boolean): Promise<void> => {
    // A read by itself has nothing that could begin anew.
    const how = decide ? decide() : kind === 'again' && !inUnit ? undefined : inTurn();
    if (how === undefined || (how === 'again' && !inUnit)) return;
    hasStruck = true;
    if (how === 'again') throw new RunAgain(Promise.resolve());
    // On PostgreSQL the transaction is broken from here on, whoever catches this.
    if (db.dialect === 'pg') await q.exec(sql`select 1 / 0`);
    throw new Error('the disk does not give this');
  };
  // Statements that were built over a connection stay with it.
  const known = new WeakMap<Query, Query>();
  const over = (q: Query, inUnit: boolean): Query => {
    const made = known.get(q) ?? interpose(q, () => reached(q, inUnit));
    known.set(q, made);
    return made;
  };
  return {
    db: {
      ...db,
      read: interpose(db.read, () => reached(db.read, false)),
      write: (unit) =>
        db.write(async (tx) => {
          const value = await unit({ ...tx, q: over(tx.q, true) });
          await reached(tx.q, true);
          return value;
        }),
    },
    at(n, wanted = 'fails') {
      [left, kind, hasStruck] = [n, wanted, false];
    },
    whenever: (wanted) => void (decide = wanted),
    struck: () => hasStruck,
    never: () => void ([left, decide] = [-1, undefined]),
  };
}
