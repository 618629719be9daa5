/** What every Foo/query shares (RFC 8620 §5.5): the window into the list of results. */
import type { MethodContext } from '../context.ts';
import { resolveId } from './get.ts';
import { MethodError } from './errors.ts';

export interface WindowArguments {
  position: number;
  anchor: string | null;
  anchorOffset: number;
  limit: number | null;
  calculateTotal: boolean;
}

/** How many results, from the first, a window needs; undefined: all. */
export function resultsNeeded(args: WindowArguments, maxQueryResults: number): number | undefined {
  if (args.calculateTotal || args.anchor !== null || args.position < 0) return undefined;
  return args.position + Math.min(args.limit ?? maxQueryResults, maxQueryResults);
}

/** `results`: all, or at least as many as resultsNeeded said. @throws MethodError anchorNotFound */
export function windowOf(
  context: MethodContext,
  args: WindowArguments,
  results: readonly string[],
): Record<string, unknown> {
  const { maxQueryResults } = context.settings;
  const position = startOf(context, args, results);
  const limit = Math.min(args.limit ?? maxQueryResults, maxQueryResults);
  return {
    position,
    ids: results.slice(position, position + limit),
    ...(args.calculateTotal ? { total: results.length } : {}),
    // RFC 8620 §5.5: told when the server set or lowered it.
    ...(args.limit === null || args.limit > maxQueryResults ? { limit: maxQueryResults } : {}),
  };
}

function startOf(context: MethodContext, args: WindowArguments, results: readonly string[]): number {
  if (args.anchor !== null) {
    // RFC 8620 §5.5: with an anchor, the position is ignored.
    const at = results.indexOf(resolveId(context, args.anchor));
    if (at < 0) throw new MethodError('anchorNotFound');
    return Math.max(0, at + args.anchorOffset);
  }
  return args.position < 0 ? Math.max(0, results.length + args.position) : args.position;
}
