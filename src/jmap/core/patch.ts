/** PatchObject (RFC 8620 §5.3). */
import { invalidProperties, SetError } from './errors.ts';
import { unescapeToken } from './references.ts';

export interface Patch {
  /** Whole properties. */
  set: Map<string, unknown>;
  /** One level inside a property: "keywords/$seen". */
  inside: Map<string, Map<string, unknown>>;
}

/** @throws SetError invalidPatch when one path lies inside another, or deeper than any property of ours goes */
export function parsePatch(raw: Readonly<Record<string, unknown>>): Patch {
  const patch: Patch = { set: new Map(), inside: new Map() };
  for (const [path, value] of Object.entries(raw)) {
    const tokens = path.split('/').map(unescapeToken);
    const [property = '', key] = tokens;
    if (tokens.length > 2) throw new SetError('invalidPatch', `nothing is at ${path.slice(0, 200)}`);
    if (key === undefined) patch.set.set(property, value);
    else patch.inside.set(property, (patch.inside.get(property) ?? new Map<string, unknown>()).set(key, value));
  }
  for (const property of patch.inside.keys()) {
    // RFC 8620 §5.3: "there MUST NOT be two patches where the pointer of one is the prefix of the other".
    if (patch.set.has(property)) throw new SetError('invalidPatch', `${property} is patched as a whole and inside`);
  }
  return patch;
}

/**
 * "All parts prior to the last MUST already exist", and none may be an array: only these properties are objects, and of them only
 * `settable` may change. @throws SetError invalidPatch, invalidProperties
 */
export function checkInside({ inside }: Patch, settable: readonly string[], fixed: readonly string[]): void {
  for (const property of inside.keys()) {
    if (fixed.includes(property)) throw invalidProperties([property], 'this cannot be changed');
    if (!settable.includes(property)) throw new SetError('invalidPatch', `${property.slice(0, 100)} is no object`);
  }
}
