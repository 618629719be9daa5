/** States and Foo/changes (RFC 8620 §5.2): a state is the mod-sequence of the type's last change, printed. */
import type { ModSeq } from '../../base/ids.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import { objectIds, type ObjectIds } from '../../base/object-ids.ts';
import type { AccountReader, Changes } from '../../mailstore/types.ts';
import { openAccount, type MethodContext, type OpenAccount } from '../context.ts';
import { changesSchema, parseArguments } from './arguments.ts';
import { MethodError } from './errors.ts';

export async function stateOf(reader: AccountReader, type: ChangeType): Promise<string> {
  return String(await reader.state(type));
}

/** @throws MethodError cannotCalculateChanges for what is no state of ours */
export function parseState(text: string): ModSeq {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) throw new MethodError('cannotCalculateChanges');
  return Number(text) as ModSeq;
}

interface ChangesOptions {
  type: ChangeType;
  print: (id: number, ids: ObjectIds) => string;
  open?: (context: MethodContext, accountId: string) => Promise<OpenAccount>;
  more?: (changes: Changes) => Record<string, unknown>;
}

export async function standardChanges(
  args: Record<string, unknown>,
  context: MethodContext,
  options: ChangesOptions,
): Promise<Record<string, unknown>> {
  const { accountId, sinceState, maxChanges } = parseArguments(changesSchema, args);
  const { reader } = await (options.open ?? openAccount)(context, accountId);
  const changes = await reader.changes(options.type, parseState(sinceState), maxChanges ?? undefined);
  const ids = objectIds(reader.accountId);
  const print = (id: number): string => options.print(id, ids);
  return {
    accountId,
    oldState: sinceState,
    newState: String(changes.newState),
    hasMoreChanges: changes.hasMoreChanges,
    created: changes.created.map(print),
    updated: changes.updated.map(print),
    destroyed: changes.destroyed.map(print),
    ...options.more?.(changes),
  };
}
