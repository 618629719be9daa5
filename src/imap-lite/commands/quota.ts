/**
 * GETQUOTA, GETQUOTAROOT (RFC 9208 §4.1). One root for each account: what is stored counts once, whatever mailbox it lies in.
 * `C: a GETQUOTAROOT INBOX` — `S: * QUOTAROOT INBOX A12` — `S: * QUOTA A12 (STORAGE 10 512)` — `S: a OK …`.
 */
import type { AccountId } from '../../base/ids.ts';
import { no } from '../errors.ts';
import { accountOfRoot, quotaRoot } from '../object-id.ts';
import type { Session } from '../session.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectAstring } from '../wire/strings.ts';
import { AUTHENTICATED, command, type Command } from './command.ts';

/** RFC 9208 §5.1: STORAGE counts units of 1,024 octets. */
export const units = (octets: number): number => Math.ceil(octets / 1024);

export const getQuota: Command = command({
  name: 'GETQUOTA',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAstring(c);
  },
  async run(session, root) {
    const accountId = accountOfRoot(root);
    // Others' accounts look as if they did not exist.
    if (accountId === undefined || !(await session.store.mayUse(accountId)))
      throw no('there is no such quota root', 'NONEXISTENT');
    await tellQuota(session, accountId);
  },
});

export const getQuotaRoot: Command = command({
  name: 'GETQUOTAROOT',
  states: AUTHENTICATED,
  parse(c) {
    expectSpace(c);
    return expectAstring(c);
  },
  async run(session, sent) {
    const { name, ref } = await session.existing(sent);
    session.out.line(`* QUOTAROOT ${session.printName(name)} ${quotaRoot(ref.accountId)}`);
    await tellQuota(session, ref.accountId);
  },
});

async function tellQuota(session: Session, accountId: AccountId): Promise<void> {
  const { used, limit } = await session.store.quota(accountId);
  session.out.line(`* QUOTA ${quotaRoot(accountId)} (STORAGE ${units(used)} ${Math.floor(limit / 1024)})`);
}
