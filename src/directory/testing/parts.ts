/** The directory of a test over a real database; accounts are counted, mail is not asked for. */
import * as v from 'valibot';

import { createAudit, type Audit } from '../../audit/audit.repository.ts';
import { manualClock, type ManualClock } from '../../base/clock.ts';
import type { AccountId } from '../../base/ids.ts';
import type { Database } from '../../db/database.ts';
import type { AccountMaker } from '../context.ts';
import { createCredentials } from '../credentials.ts';
import { createDirectory } from '../directory.ts';
import {
  credentialsSettings,
  directorySettings,
  type CredentialsSettings,
  type DirectorySettings,
} from '../settings.ts';
import type { Credentials, Directory, UnitInput } from '../types.ts';

export interface DirectoryParts {
  db: Database;
  directory: Directory;
  credentials: Credentials;
  clock: ManualClock;
  audit: Audit;
  settings: { directory: DirectorySettings; credentials: CredentialsSettings };
  accounts: { id: AccountId; kind: string; status: string }[];
}

interface Options {
  directory?: v.InferInput<typeof directorySettings>;
  credentials?: v.InferInput<typeof credentialsSettings>;
  mailstore?: AccountMaker;
}

/** 22 November 2026, 10:00 in Vietnam. */
export const testNow = Date.UTC(2026, 10, 22, 3);

export function directoryParts(db: Database, options: Options = {}): DirectoryParts {
  const clock = manualClock(testNow);
  const audit = createAudit(db, clock);
  const accounts: DirectoryParts['accounts'] = [];
  const settings = {
    directory: v.parse(directorySettings, options.directory ?? {}),
    credentials: v.parse(credentialsSettings, { argon2MemoryKiB: 64, argon2Passes: 1, ...options.credentials }),
  };
  const mailstore = options.mailstore ?? countedAccounts(accounts);
  const directory = createDirectory({ db, mailstore, clock, audit, settings: settings.directory });
  const credentials = createCredentials({ db, directory, clock, audit, settings: settings.credentials });
  return { db, directory, credentials, clock, audit, settings, accounts };
}

function countedAccounts(accounts: DirectoryParts['accounts']): AccountMaker {
  return {
    async createAccount(_, { kind }) {
      const id = (accounts.length + 1) as AccountId;
      accounts.push({ id, kind, status: 'active' });
      return id;
    },
    async setAccount(_, id, { status }) {
      const account = accounts.find((a) => a.id === id);
      if (account && status) account.status = status;
    },
  };
}

export const testUnit = (code: string, more: Partial<UnitInput> = {}): UnitInput => ({
  code,
  name: `Đơn vị ${code}`,
  shortName: `ĐV ${code}`,
  abbreviation: 'ĐV',
  kind: 'so',
  adminTier: 'tinh',
  parentCode: null,
  email: null,
  place: 'Cao Sơn',
  hasSeal: true,
  ownsRegisters: true,
  validFrom: '2025-07-01',
  ...more,
});
