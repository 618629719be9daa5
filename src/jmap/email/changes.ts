/** Email/changes (RFC 8621 §4.3). */
import type { EmailId } from '../../base/ids.ts';
import { capabilities } from '../capabilities.ts';
import type { Method } from '../context.ts';
import { standardChanges } from '../core/changes.ts';
import { emailIds } from '../ids.ts';

export const emailChanges: Method = {
  capability: capabilities.mail,
  run: (args, context) =>
    standardChanges(args, context, { type: 'Email', print: (id) => emailIds.print(id as EmailId) }),
};
