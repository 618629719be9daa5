/** Reading arguments: schemas of RFC 8620 §1 types, and what every standard method shares (§5). */
import * as v from 'valibot';

import { isWholeRecord } from './records.ts';
import { MethodError } from './errors.ts';

/** RFC 8620 §1.2; a creation id may stand for an id (§5.3). */
export const idSchema = v.pipe(v.string(), v.regex(/^#?[A-Za-z0-9_-]{1,255}$/, 'is no Id'));
export const unsignedInt = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
export const anyInt = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-Number.MAX_SAFE_INTEGER),
  v.maxValue(Number.MAX_SAFE_INTEGER),
);
/** A map whose values are read one by one, so that one bad entry spoils only itself. */
export const anyObject = v.custom<Record<string, unknown>>(isWholeRecord, 'is no object');
/** Null when absent. */
export const nullable = <T extends v.GenericSchema>(
  schema: T,
): v.OptionalSchema<v.NullableSchema<T, undefined>, null> => v.optional(v.nullable(schema), null);

// RFC 8620 §1.4: upper-case T and Z, no zero fraction.
const UTC_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d*[1-9])?Z$/;

export function parseUtcDate(text: string): number | undefined {
  const match = UTC_DATE.exec(text);
  if (!match) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  // Date.parse takes 30 February for 1 March.
  return new Date(at).getUTCDate() === Number(match[3]) ? at : undefined;
}

export function utcDate(at: number): string {
  const text = new Date(at).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text.replace(/0+Z$/, 'Z');
}

export const utcDateSchema = v.pipe(
  v.string(),
  v.check((text) => parseUtcDate(text) !== undefined, 'is no UTCDate'),
  v.transform((text) => parseUtcDate(text) ?? 0),
);

/** @throws MethodError invalidArguments */
export function parseArguments<T extends v.GenericSchema>(schema: T, args: Record<string, unknown>): v.InferOutput<T> {
  const parsed = v.safeParse(schema, args);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new MethodError('invalidArguments', `${v.getDotPath(issue) ?? 'arguments'}: ${issue.message}`.slice(0, 300));
}

/** RFC 8620 §5.1. */
export const getEntries = {
  accountId: idSchema,
  ids: nullable(v.array(idSchema)),
  properties: nullable(v.array(v.string())),
};
/** RFC 8620 §5.2. */
export const changesSchema = v.strictObject({
  accountId: idSchema,
  sinceState: v.string(),
  maxChanges: nullable(v.pipe(unsignedInt, v.minValue(1))),
});
/** RFC 8620 §5.3. */
export const setEntries = {
  accountId: idSchema,
  ifInState: nullable(v.string()),
  create: nullable(anyObject),
  update: nullable(anyObject),
  destroy: nullable(v.array(idSchema)),
};
const comparator = v.looseObject({
  property: v.string(),
  isAscending: v.optional(v.boolean(), true),
  collation: v.optional(v.string()),
  keyword: v.optional(v.string()),
});
export type Comparator = v.InferOutput<typeof comparator>;
/** RFC 8620 §5.5. */
export const queryEntries = {
  accountId: idSchema,
  filter: nullable(anyObject),
  sort: nullable(v.array(comparator)),
  position: v.optional(anyInt, 0),
  anchor: nullable(idSchema),
  anchorOffset: v.optional(anyInt, 0),
  limit: nullable(unsignedInt),
  calculateTotal: v.optional(v.boolean(), false),
};
/** RFC 8620 §5.6. */
export const queryChangesEntries = {
  accountId: idSchema,
  filter: nullable(anyObject),
  sort: nullable(v.array(comparator)),
  sinceQueryState: v.string(),
  maxChanges: nullable(unsignedInt),
  upToId: nullable(idSchema),
  calculateTotal: v.optional(v.boolean(), false),
};
