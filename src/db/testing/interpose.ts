/** Something before each statement: what a test cannot time, it puts between two of them. */
import type { Query } from '../database.ts';

type Function = (...given: unknown[]) => unknown;
/** @param text of the statement; undefined where it is not known without running it */
type First = (text: () => string | undefined) => Promise<void>;

/** The same queries; each waits for `first`, and fails with it. */
export function interpose(q: Query, first: First): Query {
  const next = (value: unknown): unknown => (isBuilder(value) ? wrapped(value) : value);
  const wrapped = (builder: object): object =>
    new Proxy(builder, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        if (key !== 'then') return (...given: unknown[]) => next((member as Function).apply(target, given));
        return (...ends: [() => unknown, () => unknown]) =>
          first(() => textOf(target)).then(() => (target as PromiseLike<unknown>).then(...ends), ends[1]);
      },
    });
  return new Proxy(q, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const run = (...given: unknown[]): unknown => (member as Function).apply(target, given);
      if (key !== 'exec' && key !== 'rows' && key !== 'statement') return (...given: unknown[]) => next(run(...given));
      return async (...given: unknown[]) => {
        await first(() => (typeof given[0] === 'string' ? given[0] : undefined));
        return run(...given);
      };
    },
  });
}

const textOf = (builder: object): string | undefined =>
  'toSQL' in builder ? (builder as { toSQL(): { sql: string } }).toSQL().sql : undefined;

/** What a query goes on with, and not what it gives. */
const isBuilder = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  ['then', 'execute', 'from', 'set', 'values'].some((key) => key in value);
