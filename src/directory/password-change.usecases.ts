import type { OfficialId } from '../base/ids.ts';
import { passwordReused, passwordTooWeak, passwordWrong } from './credentials.errors.ts';
import type { CredentialsContext } from './credentials.ts';
import { officialNotFound } from './directory.errors.ts';
import { brokenRules } from './password-rules.models.ts';
import { hashPassword, makeFirstPassword, verifyPassword } from './passwords.ts';
import { expectUnlocked, recordFailure } from './sign-in.usecases.ts';
import type { Credentials } from './types.ts';

export function createPasswordChange(ctx: CredentialsContext): Pick<Credentials, 'changePassword' | 'resetPassword'> {
  const { db, clock, settings, audit } = ctx;
  const { passwords, sessions, appPasswords } = ctx.repository;
  return {
    async changePassword(officialId, current, next, { keepSession, remote = 'session' } = {}) {
      const official = await ctx.directory.official({ id: officialId });
      const credential = await passwords.find(db.read, officialId);
      if (!official || !credential) throw officialNotFound();
      expectUnlocked(ctx, credential.lockedUntil);
      await ctx.limits.take(remote, official.address);
      // A session left open must not be a place to guess the password.
      if (!(await verifyPassword(credential.passwordHash, current))) {
        await recordFailure(ctx, officialId, remote);
        throw passwordWrong();
      }
      await ctx.limits.giveBack(remote);
      const broken = brokenRules(next, official, settings);
      if (broken.length > 0) throw passwordTooWeak(broken);
      if (await verifyPassword(credential.passwordHash, next)) throw passwordReused();
      const passwordHash = await hashPassword(next, settings);
      await db.write(async (tx) => {
        await passwords.put(tx.q, { officialId, passwordHash, mustChange: false, changedAt: clock.now() });
        await sessions.removeOf(tx.q, officialId, keepSession);
        await audit.record(tx, {
          actor: `official:${officialId}`,
          action: 'password.change',
          object: `official:${officialId}`,
        });
      });
    },
    async resetPassword(officialId: OfficialId, password = makeFirstPassword(), { actor = 'system' } = {}) {
      if (!(await passwords.holder(db.read, officialId))) throw officialNotFound();
      const passwordHash = await hashPassword(password, settings);
      await db.write(async (tx) => {
        await passwords.put(tx.q, { officialId, passwordHash, mustChange: true, changedAt: clock.now() });
        await sessions.removeOf(tx.q, officialId);
        await appPasswords.removeOf(tx.q, officialId);
        await audit.record(tx, { actor, action: 'password.reset', object: `official:${officialId}` });
      });
      return password;
    },
  };
}
