/** Email/set update (RFC 8621 §4.6): keywords and mailboxIds may change, as a whole or one by one; nothing else may. */
import { objectIds, type ObjectIds } from '../../base/object-ids.ts';
import type { Email, AccountWriter } from '../../mailstore/types.ts';
import type { MethodContext } from '../context.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import { checkInside, parsePatch, type Patch } from '../core/patch.ts';
import { own, sameJson } from '../core/records.ts';
import { showEmails } from './get.ts';
import { isKeyword } from './keywords.ts';
import { checkKeywordCount, checkMailboxes, readKeywords, readMailboxIds } from './membership.ts';
import { emailRequest, headerProperties, metadataProperties } from './request.ts';

export async function emailUpdate(
  context: MethodContext,
  writer: AccountWriter,
  idText: string,
  raw: Record<string, unknown>,
): Promise<null> {
  const id = objectIds(writer.accountId).email.parse(idText);
  const [email] = id === undefined ? [] : await writer.emails([id]);
  if (!email) throw new SetError('notFound');
  const patch = parsePatch(raw);
  await checkFixed(context, writer, email, patch);
  const places = newMailboxes(context, objectIds(writer.accountId), email, patch);
  const keywords = newKeywords(context, email, patch);
  if (places)
    await checkMailboxes(
      writer,
      places.filter((m) => !email.mailboxIds.includes(m)),
    );
  if (places) await writer.setMailboxes(email.id, places);
  if (keywords) await writer.setKeywords([email.id], { set: keywords });
  return null;
}

/** RFC 8620 §5.3: what cannot change may be given, if it is as it is. */
async function checkFixed(context: MethodContext, writer: AccountWriter, email: Email, patch: Patch): Promise<void> {
  checkInside(patch, ['keywords', 'mailboxIds'], ['bodyStructure', 'bodyValues']);
  const given = [...patch.set].filter(([name]) => name !== 'keywords' && name !== 'mailboxIds');
  if (given.length === 0) return;
  // Only what the rows hold: nothing else is read inside a unit of work.
  const comparable: string[] = [...metadataProperties, ...headerProperties, 'hasAttachment', 'preview'];
  const properties = given.map(([name]) => name).filter((name) => comparable.includes(name));
  const request = emailRequest(
    context,
    {
      properties,
      fetchTextBodyValues: false,
      fetchHTMLBodyValues: false,
      fetchAllBodyValues: false,
      maxBodyValueBytes: 0,
    },
    'get',
  );
  const idText = objectIds(writer.accountId).email.print(email.id);
  const shown = (await showEmails(context, writer, [idText], request)).get(idText) ?? {};
  const bad = given
    .filter(([name, value]) => !comparable.includes(name) || !sameJson(own(shown, name), value))
    .map(([name]) => name);
  if (bad.length > 0) throw invalidProperties(bad, 'this cannot be changed');
}

function newMailboxes(
  context: MethodContext,
  ids: ObjectIds,
  email: Email,
  patch: Patch,
): Email['mailboxIds'] | undefined {
  if (patch.set.has('mailboxIds')) return readMailboxIds(context, ids, patch.set.get('mailboxIds'));
  const inside = patch.inside.get('mailboxIds');
  if (!inside) return undefined;
  const places = new Map<string, true>(email.mailboxIds.map((id) => [ids.mailbox.print(id), true]));
  for (const [key, value] of inside) applyEntry(places, resolveId(context, key), value, 'mailboxIds');
  return readMailboxIds(context, ids, Object.fromEntries(places));
}

function newKeywords(context: MethodContext, email: Email, patch: Patch): string[] | undefined {
  if (patch.set.has('keywords')) return readKeywords(context, patch.set.get('keywords') ?? {});
  const inside = patch.inside.get('keywords');
  if (!inside) return undefined;
  const keywords = new Map<string, true>(email.keywords.map((name) => [name, true]));
  const bad = [...inside.keys()].find((name): boolean => !isKeyword(name));
  if (bad !== undefined) throw invalidProperties(['keywords'], `not a keyword: ${bad.slice(0, 80)}`);
  for (const [key, value] of inside) applyEntry(keywords, key.toLowerCase(), value, 'keywords');
  return checkKeywordCount(context, [...keywords.keys()]);
}

/** RFC 8620 §5.3: null takes the member out; the only value of these maps is true. */
function applyEntry(map: Map<string, true>, key: string, value: unknown, property: string): void {
  if (value === true) map.set(key, true);
  else if (value === null) map.delete(key);
  else throw invalidProperties([property], 'a member is true or is not there');
}
