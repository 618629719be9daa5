/** What every Foo/get shares (RFC 8620 §5.1). */
import type { MethodContext } from '../context.ts';
import { MethodError } from './errors.ts';
import { record } from './records.ts';

/** "#x" -> the id that was made for x earlier in the request; an id unknown there stays as it is and is not found. */
export function resolveId(context: MethodContext, id: string): string {
  return id.startsWith('#') ? (context.createdIds.get(id.slice(1)) ?? id) : id;
}

/** Each id once, in the order asked. @throws MethodError requestTooLarge */
export function askedIds(context: MethodContext, ids: readonly string[]): string[] {
  const unique = [...new Set(ids.map((id) => resolveId(context, id)))];
  if (unique.length > context.settings.maxObjectsInGet)
    throw new MethodError('requestTooLarge', `at most ${context.settings.maxObjectsInGet} objects`);
  return unique;
}

/** @throws MethodError invalidArguments for a property that the type does not have */
export function askedProperties(asked: readonly string[] | null, known: readonly string[]): string[] {
  if (asked === null) return [...known];
  for (const name of asked)
    if (!known.includes(name)) throw new MethodError('invalidArguments', `unknown property: ${name.slice(0, 100)}`);
  // RFC 8620 §5.1: the id is always given.
  return [...new Set(['id', ...asked])];
}

export function pick(
  object: Readonly<Record<string, unknown>>,
  properties: readonly string[],
): Record<string, unknown> {
  return record(properties.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]] as const));
}

/** For types whose objects are few: all are made, then chosen from. */
export function chooseObjects(
  context: MethodContext,
  all: readonly (Record<string, unknown> & { id: string })[],
  args: { ids: readonly string[] | null; properties: readonly string[] | null },
  known: readonly string[],
): { list: Record<string, unknown>[]; notFound: string[] } {
  const properties = askedProperties(args.properties, known);
  const byId = new Map(all.map((object) => [object.id, object]));
  if (args.ids === null && all.length > context.settings.maxObjectsInGet) throw new MethodError('requestTooLarge');
  const ids = args.ids === null ? [...byId.keys()] : askedIds(context, args.ids);
  const list: Record<string, unknown>[] = [];
  const notFound: string[] = [];
  for (const id of ids) {
    const object = byId.get(id);
    if (object) list.push(pick(object, properties));
    else notFound.push(id);
  }
  return { list, notFound };
}
