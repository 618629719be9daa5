/** Email/changes (RFC 8621 §4.3). */
import type { EmailId } from '../../base/ids.ts';
import { capabilities } from '../capabilities.ts';
import type { Method } from '../context.ts';
import { standardChanges } from '../core/changes.ts';

export const emailChanges: Method = {
  capability: capabilities.mail,
  run: (args, context) =>
    standardChanges(args, context, { type: 'Email', print: (id, ids) => ids.email.print(id as EmailId) }),
};
