/**
 * Rights of RFC 4314 as the directory gives them: an account's owner has all of them; a delegate of a unit or title mailbox
 * has all but "a", which an administrator of that unit has besides. They are the same in every mailbox of an account.
 */
import type { AccountId, OfficialId } from '../../base/ids.ts';
import type { Directory } from '../../directory/types.ts';

/** RFC 4314 §2.1.1: "c" and "d" of RFC 2086 are told where k, x, t, e are held. */
const DELEGATE = 'lrswipkxtecd';
const ADMINISTRATOR = `${DELEGATE}a`;

interface Who {
  officialId: OfficialId;
  accountId: AccountId;
}

export async function rightsOf(directory: Directory, who: Who, accountId: AccountId): Promise<string> {
  if (accountId === who.accountId) return ADMINISTRATOR;
  return (await administers(directory, who.officialId, accountId)) ? ADMINISTRATOR : DELEGATE;
}

export async function aclOf(
  directory: Directory,
  who: Who,
  accountId: AccountId,
): Promise<{ identifier: string; rights: string }[]> {
  if (accountId === who.accountId) {
    const owner = await directory.official({ id: who.officialId });
    return owner ? [{ identifier: owner.address, rights: ADMINISTRATOR }] : [];
  }
  const list: { identifier: string; rights: string }[] = [];
  for (const { official } of await directory.delegates(accountId)) {
    const rights = await rightsOf(directory, { officialId: official.id, accountId: official.accountId }, accountId);
    list.push({ identifier: official.address, rights });
  }
  return list;
}

async function administers(directory: Directory, officialId: OfficialId, accountId: AccountId): Promise<boolean> {
  const owner = await directory.owner(accountId);
  if (!owner || owner.kind === 'person') return false;
  const unitId = owner.kind === 'unit' ? owner.unit.id : owner.unitId;
  for (const grant of await directory.grants(officialId)) {
    if (grant.role === 'security_officer') continue;
    if (grant.unitId === 0 || (await directory.unitsBelow(grant.unitId)).includes(unitId)) return true;
  }
  return false;
}
