/** App passwords of officials, keys of other systems. */
import { randomToken, sha256Text } from '../base/bytes.ts';
import { clean } from '../base/text.ts';
import { apiKeyInvalid, appPasswordNotFound, tooManyAppPasswords } from './credentials.errors.ts';
import type { CredentialsContext } from './credentials.ts';
import { readableSecret } from './passwords.ts';
import { appPasswordHash } from './sign-in.usecases.ts';
import type { Credentials } from './types.ts';

export const apiScopes = [
  'documents:read',
  'documents:write',
  'webhooks',
  'directory:read',
  'directory:write',
] as const;
const TOUCH = 60_000;

export function createAppPasswords(
  ctx: CredentialsContext,
): Pick<Credentials, 'createAppPassword' | 'appPasswords' | 'deleteAppPassword'> {
  const { db, clock, audit, settings } = ctx;
  const { appPasswords } = ctx.repository;
  return {
    async createAppPassword(officialId, label) {
      const password = readableSecret(7, 4);
      const id = await db.write(async (tx) => {
        await appPasswords.hold(tx.q, officialId);
        if ((await appPasswords.list(tx.q, officialId)).length >= settings.maxAppPasswords)
          throw tooManyAppPasswords(settings.maxAppPasswords);
        const made = await appPasswords.insert(tx.q, {
          officialId,
          label: clean(label).trim().slice(0, 100),
          tokenHash: appPasswordHash(password),
          createdAt: clock.now(),
        });
        await audit.record(tx, {
          actor: `official:${officialId}`,
          action: 'app_password.add',
          object: `official:${officialId}`,
          details: { id: made },
        });
        return made;
      });
      return { id, password };
    },
    appPasswords: (officialId) => appPasswords.list(db.read, officialId),
    async deleteAppPassword(officialId, id) {
      await db.write(async (tx) => {
        if (!(await appPasswords.remove(tx.q, officialId, id))) throw appPasswordNotFound();
        await audit.record(tx, {
          actor: `official:${officialId}`,
          action: 'app_password.remove',
          object: `official:${officialId}`,
          details: { id },
        });
      });
    },
  };
}

export function createApiKeys(
  ctx: CredentialsContext,
): Pick<Credentials, 'createApiKey' | 'apiKey' | 'apiKeys' | 'revokeApiKey'> {
  const { db, clock, audit } = ctx;
  const { apiKeys } = ctx.repository;
  return {
    async createApiKey(tx, { name, scopes, unitId = null, secret = `cv_${randomToken()}` }, { actor = 'system' } = {}) {
      const unknown = scopes.find((scope) => !apiScopes.some((known) => known === scope));
      if (unknown !== undefined || scopes.length === 0)
        throw apiKeyInvalid(
          'scopes',
          unknown === undefined ? 'a key has at least one scope' : `unknown scope ${unknown}`,
        );
      if (name.trim() === '') throw apiKeyInvalid('name', 'a key has a name');
      if (secret.length < 22) throw apiKeyInvalid('secret', 'a secret has 128 random bits');
      const row = {
        name: clean(name).trim().slice(0, 100),
        keyHash: sha256Text(secret),
        scopes: [...new Set(scopes)],
        unitId,
        createdAt: clock.now(),
      };
      const id = await apiKeys.insert(tx.q, row);
      await audit.record(tx, {
        actor,
        action: 'api_key.add',
        object: `key:${id}`,
        details: { name: row.name, scopes: row.scopes, unitId },
      });
      return { id, secret };
    },
    async apiKey(secret) {
      if (secret.length < 22 || secret.length > 200) return undefined;
      const row = await apiKeys.find(db.read, sha256Text(secret));
      if (!row) return undefined;
      const now = clock.now();
      if (now - (row.lastUsedAt ?? 0) >= TOUCH) await db.write((tx) => apiKeys.touch(tx.q, row.id, now));
      return { kind: 'api_key', apiKeyId: row.id, name: row.name, scopes: row.scopes, unitId: row.unitId };
    },
    apiKeys: () => apiKeys.list(db.read),
    async revokeApiKey(tx, id, { actor = 'system' } = {}) {
      const revoked = await apiKeys.revoke(tx.q, id, clock.now());
      if (revoked) await audit.record(tx, { actor, action: 'api_key.revoke', object: `key:${id}` });
      return revoked;
    },
  };
}
