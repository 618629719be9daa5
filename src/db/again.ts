/** A unit of work that finds that another one has to come first. */

/** Thrown within a unit: it is undone, and runs again from its start once `after` has resolved; when that fails, so does the unit. */
export class RunAgain extends Error {
  readonly after: Promise<unknown>;
  constructor(after: Promise<unknown>) {
    super('this unit of work runs again after another');
    this.after = after;
  }
}

export async function inTurn<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RunAgain)) throw error;
      await error.after;
    }
  }
}
