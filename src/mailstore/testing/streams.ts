/** Random units of one account, one after the other, beside whatever else goes on. */
import type { AccountId } from '../../base/ids.ts';
import type { Mailstore, PreparedMessage } from '../types.ts';
import { random, type Model, type Random } from './model.ts';
import { anyOperation } from './operations.ts';

class Rollback extends Error {}
export const isRollback = (error: unknown): boolean => error instanceof Rollback;

export interface Stream {
  seed: number;
  units: number;
  messages: { prepared: PreparedMessage; refs: string[] }[];
  /** A unit that ends with this left nothing. */
  isExpected(error: unknown): boolean;
}

/** @param store for each unit anew @returns what the units that were done made of the model */
export async function streamOfUnits(
  store: (dice: Random) => Mailstore,
  accountId: AccountId,
  before: Model,
  { seed, units, messages, isExpected }: Stream,
): Promise<Model> {
  let model = before;
  for (let unit = 0; unit < units; unit++) {
    let after = model;
    // A unit may run again from its start: then it does the same once more.
    const work = store(random(seed * 1000 + unit)).write(accountId, async (writer) => {
      const dice = random(seed * 1000 + unit);
      after = model.clone();
      for (let n = dice.below(3); n >= 0; n--)
        await anyOperation(dice)({ writer, model: after, random: dice, messages });
      if (dice.chance(0.1)) throw new Rollback();
    });
    const isDone = await work.then(
      () => true,
      (error: unknown) => {
        if (!isExpected(error)) throw error;
        return false;
      },
    );
    if (isDone) model = after;
  }
  return model;
}
