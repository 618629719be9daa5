import type { Audit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { credentialsRepository, type CredentialsRepository } from './credentials.repository.ts';
import { createApiKeys, createAppPasswords } from './keys.usecases.ts';
import { createPasswordChange } from './password-change.usecases.ts';
import { createSessions } from './sessions.usecases.ts';
import { createRecentSignIns, type RecentSignIns } from './recent-sign-ins.ts';
import type { CredentialsSettings } from './settings.ts';
import { createAuthenticate } from './sign-in.usecases.ts';
import { createSignInLimits, type SignInLimits } from './sign-in-limits.ts';
import type { VerifyToken } from './access-tokens.ts';
import { createTokenSignIn } from './token-sign-in.usecases.ts';
import type { Credentials, Directory } from './types.ts';

export interface CredentialsDeps {
  db: Database;
  directory: Directory;
  clock: Clock;
  audit: Audit;
  settings: CredentialsSettings;
  /** Absent: access tokens are no way in. */
  verifyToken?: VerifyToken | undefined;
}
export interface CredentialsContext extends CredentialsDeps {
  repository: CredentialsRepository;
  limits: SignInLimits;
  recent: RecentSignIns;
}

export function createCredentials(deps: CredentialsDeps): Credentials {
  const ctx = {
    ...deps,
    repository: credentialsRepository(deps.db),
    limits: createSignInLimits(deps.settings),
    recent: createRecentSignIns(deps.settings.rememberMinutes, deps.clock),
  };
  return {
    authenticate: createAuthenticate(ctx),
    ...(deps.verifyToken ? { tokens: createTokenSignIn(ctx, deps.verifyToken) } : {}),
    ...createPasswordChange(ctx),
    ...createSessions(ctx),
    ...createAppPasswords(ctx),
    ...createApiKeys(ctx),
  };
}
