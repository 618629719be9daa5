/** Mailbox/changes (RFC 8621 §2.2). */
import { capabilities } from '../capabilities.ts';
import type { Method } from '../context.ts';
import { standardChanges } from '../core/changes.ts';
import type { MailboxId } from '../../base/ids.ts';
import { countProperties } from './properties.ts';

export const mailboxChanges: Method = {
  capability: capabilities.mail,
  run: (args, context) =>
    standardChanges(args, context, {
      type: 'Mailbox',
      print: (id, ids) => ids.mailbox.print(id as MailboxId),
      more: ({ onlyCounts, updated }) => ({
        updatedProperties: onlyCounts && updated.length > 0 ? countProperties : null,
      }),
    }),
};
