/** Thread/changes (RFC 8621 §3.2). */
import type { ThreadId } from '../../base/ids.ts';
import { capabilities } from '../capabilities.ts';
import type { Method } from '../context.ts';
import { standardChanges } from '../core/changes.ts';

export const threadChanges: Method = {
  capability: capabilities.mail,
  run: (args, context) =>
    standardChanges(args, context, { type: 'Thread', print: (id, ids) => ids.thread.print(id as ThreadId) }),
};
