import type { Audit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { credentialsRepository, type CredentialsRepository } from './credentials.repository.ts';
import { createApiKeys, createAppPasswords } from './keys.usecases.ts';
import { createPasswordChange } from './password-change.usecases.ts';
import { createSessions } from './sessions.usecases.ts';
import type { CredentialsSettings } from './settings.ts';
import { createAuthenticate } from './sign-in.usecases.ts';
import { createSignInLimits, type SignInLimits } from './sign-in-limits.ts';
import type { Credentials, Directory } from './types.ts';

export interface CredentialsDeps {
  db: Database;
  directory: Directory;
  clock: Clock;
  audit: Audit;
  settings: CredentialsSettings;
}
export interface CredentialsContext extends CredentialsDeps {
  repository: CredentialsRepository;
  limits: SignInLimits;
}

export function createCredentials(deps: CredentialsDeps): Credentials {
  const ctx = { ...deps, repository: credentialsRepository(deps.db), limits: createSignInLimits(deps.settings) };
  return {
    authenticate: createAuthenticate(ctx),
    ...createPasswordChange(ctx),
    ...createSessions(ctx),
    ...createAppPasswords(ctx),
    ...createApiKeys(ctx),
  };
}
