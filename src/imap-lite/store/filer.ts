/** APPEND by way of the journal (src/delivery/incoming): durable at once, stored a moment later. */
import type { Clock } from '../../base/clock.ts';
import type { Mailstore } from '../../mailstore/types.ts';
import type { ImapServerParts } from '../server.ts';
import type { ImapStore } from '../store.ts';
import { anySubmitted } from './filed-copy.ts';

type Filer = Pick<ImapStore, 'files' | 'mayFile' | 'file' | 'settled'>;

export function filer(
  parts: { mailstore: Mailstore; clock: Clock } & Pick<ImapServerParts, 'file' | 'settled'>,
): Filer {
  const { file, clock } = parts;
  return {
    files: file !== undefined,
    // In Sent each is looked at: it may be the copy of what lies there already.
    mayFile: async ({ ref, mailbox }) =>
      ref !== undefined && (mailbox?.role !== 'sent' || !(await anySubmitted(parts, ref))),
    async file({ ref }, { bytes, flags, receivedAt = clock.now() }) {
      const filed = await file?.(ref, bytes, { ...flags, receivedAt });
      return filed && { uids: [filed.uid], uidValidity: filed.uidValidity };
    },
    settled: async (accountId) => parts.settled?.([accountId]),
  };
}
