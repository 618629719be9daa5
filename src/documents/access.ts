/**
 * Who sees and who registers documents, in one place.
 * - An official reads the documents of the units of their posts and of the nearest unit above that keeps registers, those of
 *   units whose mailbox they run, those addressed to any of these, and those whose very file lies in a mailbox that they open;
 *   of these last they see only the correspondence that lies there too.
 * - Records clerks (văn thư) and leaders register for those units; unit administrators for their tree.
 * - An eOffice key reads and writes what it registered itself, within its unit and its scopes.
 */
import type { AccountId, UnitId } from '../base/ids.ts';
import { unreachable } from '../base/errors.ts';
import type { Directory, Principal, Unit } from '../directory/types.ts';
import { notAllowed } from './documents.errors.ts';

export interface Scope {
  /** Undefined: everything. */
  units: { id: UnitId; code: string }[] | undefined;
  /** Mailboxes that this official opens: who received the issued file by mail may see which document it is. */
  accounts: AccountId[];
  /** Only what this key registered. */
  apiKeyId: number | undefined;
}

const REGISTERING_ROLES = new Set(['van_thu', 'lanh_dao']);

export interface Access {
  reading(principal: Principal): Promise<Scope>;
  /** @throws document.forbidden */
  mayRegister(principal: Principal, unit: Unit): Promise<void>;
}

export function createAccess(directory: Directory): Access {
  const reading = async (principal: Principal): Promise<Scope> => {
    switch (principal.kind) {
      case 'system':
        return { units: undefined, accounts: [], apiKeyId: undefined };
      case 'api_key':
        requireScope(principal, 'documents:read');
        return { units: undefined, accounts: [], apiKeyId: principal.apiKeyId };
      case 'official':
        return { ...(await unitsOf(directory, principal)), apiKeyId: undefined };
      default:
        return unreachable(principal);
    }
  };
  return {
    reading,
    async mayRegister(principal, unit) {
      if (principal.kind === 'system') return;
      if (principal.kind === 'api_key') {
        requireScope(principal, 'documents:write');
        if (principal.unitId !== null && !(await directory.unitsBelow(principal.unitId)).includes(unit.id))
          throw notAllowed('this key is for another unit');
        return;
      }
      if (await holdsRegisteringPost(directory, principal, unit)) return;
      for (const grant of principal.roles) {
        if (grant.role !== 'unit_admin') continue;
        if ((grant.unitId as number) === 0 || (await directory.unitsBelow(grant.unitId)).includes(unit.id)) return;
      }
      throw notAllowed('only the records clerk or a leader of the unit registers documents');
    },
  };
}

function requireScope(principal: Extract<Principal, { kind: 'api_key' }>, scope: string): void {
  if (!principal.scopes.includes(scope)) throw notAllowed(`the key lacks the scope ${scope}`);
}

type OfficialPrincipal = Extract<Principal, { kind: 'official' }>;

async function unitsOf(
  directory: Directory,
  principal: OfficialPrincipal,
): Promise<{ units: { id: UnitId; code: string }[]; accounts: AccountId[] }> {
  const all = await directory.units();
  const byId = new Map(all.map((u) => [u.id, u]));
  const byAccount = new Map(all.flatMap((u) => (u.accountId === null ? [] : [[u.accountId, u] as const])));
  const official = await directory.official({ id: principal.officialId });
  const found = new Map<UnitId, Unit>();
  for (const post of official?.posts ?? []) {
    for (const unit of upToRegister(byId, post.unitId)) found.set(unit.id, unit);
  }
  const accounts = await directory.accessibleAccounts(principal.officialId);
  for (const account of accounts) {
    const unit = byAccount.get(account.accountId);
    if (unit) found.set(unit.id, unit);
  }
  return {
    units: [...found.values()].map(({ id, code }) => ({ id, code })),
    accounts: accounts.map((a) => a.accountId),
  };
}

/** The unit, and those above it up to the first that keeps registers. */
function upToRegister(byId: Map<UnitId, Unit>, id: UnitId): Unit[] {
  const path: Unit[] = [];
  for (let unit = byId.get(id); unit; unit = unit.parentId === null ? undefined : byId.get(unit.parentId)) {
    if (path.includes(unit)) break;
    path.push(unit);
    if (unit.ownsRegisters) break;
  }
  return path;
}

async function holdsRegisteringPost(directory: Directory, principal: OfficialPrincipal, unit: Unit): Promise<boolean> {
  const official = await directory.official({ id: principal.officialId });
  const byId = new Map((await directory.units()).map((u) => [u.id, u]));
  return (official?.posts ?? []).some(
    (post) => REGISTERING_ROLES.has(post.role) && upToRegister(byId, post.unitId).some((u) => u.id === unit.id),
  );
}
