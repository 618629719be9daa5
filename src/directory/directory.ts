import type { AccountId, OfficialId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { createContext, type Acting, type DirectoryDeps } from './context.ts';
import { addDelegate, removeDelegate } from './delegates.usecases.ts';
import { createLookups } from './lookups.usecases.ts';
import { addAlias, addOfficial, disableOfficial, enableOfficial, updateOfficial } from './officials.usecases.ts';
import { grantRole, openPostmaster, revokeRole } from './roles.usecases.ts';
import type { Directory, Grant, OfficialInput, UnitInput } from './types.ts';
import { addUnit, closeUnit, updateUnit } from './units.usecases.ts';

export type { DirectoryDeps };

export function createDirectory(deps: DirectoryDeps): Directory {
  const ctx = createContext(deps);
  return {
    domain: deps.settings.domain,
    ...createLookups(ctx),
    addUnit: (tx, unit, options) => addUnit(ctx, tx, unit, options),
    updateUnit: (tx: Tx, unit: UnitInput, options?: Acting) => updateUnit(ctx, tx, unit, options),
    closeUnit: (tx: Tx, code: string, validTo: string, options?: Acting) => closeUnit(ctx, tx, code, validTo, options),
    addOfficial: (tx, official, options) => addOfficial(ctx, tx, official, options),
    updateOfficial: (tx: Tx, id: OfficialId, official: OfficialInput, options?: Acting) =>
      updateOfficial(ctx, tx, id, official, options),
    disableOfficial: (tx, id, options) => disableOfficial(ctx, tx, id, options),
    enableOfficial: (tx: Tx, id: OfficialId, options?: Acting) => enableOfficial(ctx, tx, id, options),
    addAlias: (tx: Tx, accountId: AccountId, address: string, options?: Acting) =>
      addAlias(ctx, tx, accountId, address, options),
    addDelegate: (tx, accountId, officialId, options) => addDelegate(ctx, tx, accountId, officialId, options),
    removeDelegate: (tx, accountId, officialId, options) => removeDelegate(ctx, tx, accountId, officialId, options),
    grants: (officialId) => ctx.shared.grants(deps.db.read, officialId),
    grantRole: (tx: Tx, officialId: OfficialId, grant: Grant, options?: Acting) =>
      grantRole(ctx, tx, officialId, grant, options),
    revokeRole: (tx: Tx, officialId: OfficialId, grant: Grant, options?: Acting) =>
      revokeRole(ctx, tx, officialId, grant, options),
    openPostmaster: (tx: Tx, options?: Acting) => openPostmaster(ctx, tx, options),
  };
}
