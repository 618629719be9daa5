import type { OfficialId } from '../base/ids.ts';
import { passwordConfirm, passwordReused, passwordTooWeak, passwordWrong } from './credentials.errors.ts';
import type { CredentialsContext } from './credentials.ts';
import { officialNotFound } from './directory.errors.ts';
import { brokenRules } from './password-rules.models.ts';
import { hashPassword, makeFirstPassword, verifyPassword } from './passwords.ts';
import { expectUnlocked, recordFailure } from './sign-in.usecases.ts';
import type { Credentials } from './types.ts';

export function createPasswordChange(
  ctx: CredentialsContext,
): Pick<Credentials, 'changePassword' | 'confirmPassword' | 'resetPassword'> {
  const { db, clock, settings, audit } = ctx;
  const { passwords, sessions, appPasswords } = ctx.repository;
  return {
    async changePassword(officialId, current, next, { keepSession, endAppPasswords = false, remote = 'session' } = {}) {
      const { official, passwordHash: before } = await expectPassword(ctx, officialId, current, remote);
      const broken = brokenRules(next, official, settings);
      if (broken.length > 0) throw passwordTooWeak(broken);
      if (await verifyPassword(before, next)) throw passwordReused();
      const passwordHash = await hashPassword(next, settings);
      await db.write(async (tx) => {
        await passwords.put(tx.q, { officialId, passwordHash, mustChange: false, changedAt: clock.now() });
        await sessions.removeOf(tx.q, officialId, keepSession);
        if (endAppPasswords) await appPasswords.removeOf(tx.q, officialId);
        await audit.record(tx, {
          actor: `official:${officialId}`,
          action: 'password.change',
          object: `official:${officialId}`,
          ...(endAppPasswords ? { details: { endAppPasswords } } : {}),
        });
      });
    },
    async confirmPassword(officialId, { signedInAt, password, remote = 'session' }) {
      if (password !== undefined) await expectPassword(ctx, officialId, password, remote);
      else if (clock.now() - signedInAt > settings.confirmMinutes * 60_000) throw passwordConfirm();
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

/** A session left open must not be a place to guess the password: wrong ones count as at sign-in. */
async function expectPassword(ctx: CredentialsContext, officialId: OfficialId, password: string, remote: string) {
  const official = await ctx.directory.official({ id: officialId });
  const credential = await ctx.repository.passwords.find(ctx.db.read, officialId);
  if (!official || !credential) throw officialNotFound();
  expectUnlocked(ctx, credential.lockedUntil);
  await ctx.limits.take(remote, official.address);
  if (!(await verifyPassword(credential.passwordHash, password))) {
    await recordFailure(ctx, officialId, remote);
    throw passwordWrong();
  }
  await ctx.limits.giveBack(remote);
  return { official, passwordHash: credential.passwordHash };
}
