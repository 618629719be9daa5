/** The official's own folders (RFC 8621 §2.5). What lay in one that goes is moved to the trash first: nothing is lost by tidying up. */
import { JmapError } from '../../../lib/jmap/client.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Id } from '../../../lib/jmap/types.ts';

const CHUNK = 400;
type Refusals = Record<string, { type: string }> | null | undefined;
interface Answer {
  created?: Record<string, { id: Id }> | null;
  notCreated?: Refusals;
  notUpdated?: Refusals;
  notDestroyed?: Refusals;
}

async function set(store: MailStore, change: Record<string, unknown>): Promise<Answer> {
  const { accountId } = store;
  const answers = await store.client.call([['Mailbox/set', { accountId, ...change }, 'set']]);
  const answer = answers.get<Answer>('set');
  for (const refused of [answer.notCreated, answer.notUpdated, answer.notDestroyed])
    for (const { type } of Object.values(refused ?? {})) throw new JmapError(FOLDER_ERRORS[type] ?? type);
  await store.loadMailboxes();
  return answer;
}
/** What these mean where a folder is the matter. */
const FOLDER_ERRORS: Readonly<Record<string, string>> = { invalidProperties: 'folderName', notFound: 'folderGone' };

export async function createFolder(store: MailStore, name: string, parentId: Id | null): Promise<Id | undefined> {
  return (await set(store, { create: { folder: { name, parentId } } })).created?.['folder']?.id;
}

export async function renameFolder(store: MailStore, id: Id, name: string): Promise<void> {
  await set(store, { update: { [id]: { name } } });
}

export async function removeFolder(store: MailStore, id: Id, trash: Id): Promise<void> {
  const { accountId } = store;
  for (;;) {
    const query = { accountId, filter: { inMailbox: id }, limit: CHUNK };
    const { ids } = (await store.client.call([['Email/query', query, 'query']])).get<{ ids: Id[] }>('query');
    if (ids.length === 0) break;
    const patch = { [`mailboxIds/${id}`]: null, [`mailboxIds/${trash}`]: true };
    const update = Object.fromEntries(ids.map((one) => [one, patch]));
    const answers = await store.client.call([['Email/set', { accountId, update }, 'move']]);
    const refused = Object.values(answers.get<Answer>('move').notUpdated ?? {})[0];
    if (refused) throw new JmapError(refused.type);
  }
  await set(store, { destroy: [id] });
}
