/** The directory of a test over a real database and the real mail store; no message is stored, so its folder stays unmade. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import { createAudit, type Audit } from '../../audit/audit.repository.ts';
import { manualClock, type ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { createBlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import type { Database } from '../../db/database.ts';
import { createMailstore } from '../../mailstore/mailstore.ts';
import type { AccountMaker } from '../context.ts';
import { createCredentials } from '../credentials.ts';
import { createDirectory } from '../directory.ts';
import { createDirectoryImport, type DirectoryImport } from '../import.usecases.ts';
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
  mailstore: AccountMaker;
  imports: DirectoryImport;
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
  const settings = {
    directory: v.parse(directorySettings, options.directory ?? {}),
    credentials: v.parse(credentialsSettings, { argon2MemoryKiB: 64, argon2Passes: 1, ...options.credentials }),
  };
  const mailstore = options.mailstore ?? realMailstore(db, clock);
  const directory = createDirectory({
    db,
    mailstore,
    clock,
    audit,
    settings: settings.directory,
    cost: settings.credentials,
  });
  const credentials = createCredentials({ db, directory, clock, audit, settings: settings.credentials });
  const imports = createDirectoryImport({
    db,
    mailstore,
    clock,
    audit,
    settings: settings.directory,
    directory,
    cost: settings.credentials,
  });
  return { db, directory, credentials, imports, clock, audit, settings, mailstore };
}

function realMailstore(db: Database, clock: ManualClock): AccountMaker {
  const blobs = createBlobStore({ db, backend: folderBackend(join(tmpdir(), 'congvu-unmade')), clock });
  return createMailstore({ db, blobs, clock, log: silentLog });
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
