import type { JmapClient } from '../../../lib/jmap/client.ts';
import type { Id, Identity } from '../../../lib/jmap/types.ts';

export interface OwnIdentity extends Identity {
  accountId: Id;
}
/** Every address one may write from: one's own and those of unit mailboxes. */
export async function getIdentities(client: JmapClient, accountIds: readonly Id[]): Promise<OwnIdentity[]> {
  const answers = await client.call(
    accountIds.map((accountId, at) => ['Identity/get', { accountId, ids: null }, `i${at}`]),
  );
  return accountIds.flatMap((accountId, at) =>
    answers.get<{ list: Identity[] }>(`i${at}`).list.map((identity) => ({ ...identity, accountId })),
  );
}
