/** Something that happens in the very moment before a statement: what a test cannot time, it puts between two reads. */
import type { Query } from '../../db/database.ts';

/** The same queries; those whose text has all of `parts` wait for `before`, once. */
export function interposed(q: Query, parts: readonly string[], before: () => Promise<unknown>): Query {
  let open = true;
  const reached = async (text: string): Promise<void> => {
    if (!open || !parts.every((part) => text.includes(part))) return;
    open = false;
    await before();
  };
  const wrapped = (builder: object): object =>
    new Proxy(builder, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        if (key === 'then') {
          const { sql: text } = (target as { toSQL(): { sql: string } }).toSQL();
          return (...ends: [() => unknown, () => unknown]) =>
            reached(text).then(() => (target as PromiseLike<unknown>).then(...ends), ends[1]);
        }
        return (...given: unknown[]) => {
          const next: unknown = (member as (...all: unknown[]) => unknown).apply(target, given);
          return key !== 'toSQL' && typeof next === 'object' && next !== null ? wrapped(next) : next;
        };
      },
    });
  return new Proxy(q, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (key === 'statement') {
        return async (text: string, values: readonly unknown[]) => {
          await reached(text);
          return target.statement(text, values);
        };
      }
      if (key === 'select') return (...given: []) => wrapped(target.select(...given));
      return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
    },
  });
}
