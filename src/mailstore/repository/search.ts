/** What of a message goes into the text index, and under which id (see `searchId` in the tables). */
import type { EmailId } from '../../base/ids.ts';
import type { Tx } from '../../db/database.ts';
import { emailIndex, textIndex } from '../../db/text-index.ts';
import type { DerivedMessage } from '../../message/types.ts';
import { indexedTo, lockStates } from './pending.ts';
import type { Scope } from './scope.ts';

// One index object per dialect: it remembers the words of a message that goes to many.
const indexes = { sqlite: textIndex('sqlite', emailIndex), pg: textIndex('pg', emailIndex) };

type Fields = Record<(typeof emailIndex.fields)[number], string>;

/** The same object for the same message, so that the index splits its words once for all recipients. */
const fieldsOf = new WeakMap<DerivedMessage, Fields>();

function searchFields(derived: DerivedMessage): Fields {
  const known = fieldsOf.get(derived);
  if (known) return known;
  const { subject, from, sender, replyTo, to, cc, bcc } = derived.summary;
  const people = new Set<string>();
  for (const { name, email } of [...from, ...sender, ...replyTo, ...to, ...cc, ...bcc])
    people.add(name ? `${name} ${email}` : email);
  const fields = { subject, people: [...people].join('\n'), body: derived.text.body, files: derived.text.files };
  fieldsOf.set(derived, fields);
  return fields;
}

export async function indexEmail(
  { db, accountId }: Scope,
  tx: Tx,
  emailId: EmailId,
  derived: DerivedMessage,
): Promise<void> {
  await indexes[db.dialect].put(tx, accountId, emailId, searchFields(derived));
}

/** The dear part of indexing, before a unit of work that indexes it. */
export function foldEmail({ db }: Pick<Scope, 'db'>, derived: DerivedMessage): void {
  indexes[db.dialect].fold(searchFields(derived));
}

/** What is still pending of them is in no index yet, and will not come into it: the indexer takes what some email has. */
export async function unindexEmails(scope: Scope, tx: Tx, searchIds: readonly EmailId[]): Promise<void> {
  if (searchIds.length === 0) return;
  const { db, accountId } = scope;
  await lockStates(scope, [accountId], 'wait');
  const last = await indexedTo(scope);
  await indexes[db.dialect].remove(
    tx,
    accountId,
    searchIds.filter((id) => id <= last),
  );
}
