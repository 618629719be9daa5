/**
 * Sign-in by password or app password.
 *
 * Invariants: an unknown address costs one hash like a known one; a try is counted before it is hashed; a
 * locked account hashes nothing and answers the same to right and wrong passwords.
 */
import { sha256Text } from '../base/bytes.ts';
import type { OfficialId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { signInDisabled, signInLocked, signInWrong } from './credentials.errors.ts';
import type { Holder } from './credentials.repository.ts';
import type { CredentialsContext } from './credentials.ts';
import { hashIsAtLeast, hashOfNothing, hashPassword, verifyPassword } from './passwords.ts';
import type { Credentials } from './types.ts';

type Input = Parameters<Credentials['authenticate']>[0];
export type SignedIn = Awaited<ReturnType<Credentials['authenticate']>>;

// Seven groups of four (passwords.ts): 138 bits, which nobody guesses.
const appPasswordForm = /^[a-hj-km-np-z2-9]{4}(?:[- ]?[a-hj-km-np-z2-9]{4}){6}$/;
export const appPasswordHash = (password: string): string => sha256Text(password.replace(/[- ]/g, ''));

export function createAuthenticate(ctx: CredentialsContext): Credentials['authenticate'] {
  const nothing = hashOfNothing(ctx.settings);
  return async (input) => {
    const address = input.address.trim().toLowerCase().slice(0, 320);
    const official = await ctx.directory.official({ address });
    if (input.allowAppPassword && appPasswordForm.test(input.password.trim()))
      return byAppPassword(ctx, input, official?.id);
    if (input.allowPassword === false) {
      await ctx.limits.takeRemote(input.remote);
      throw signInWrong();
    }
    const credential = official && (await ctx.repository.passwords.find(ctx.db.read, official.id));
    if (!official || !credential) {
      await ctx.limits.expectUnknownUnlocked(address);
      await ctx.limits.take(input.remote, address);
      await verifyPassword(nothing, input.password);
      await ctx.limits.unknownFailed(address);
      throw signInWrong();
    }
    expectUnlocked(ctx, credential.lockedUntil);
    const recent = { ...input, officialId: official.id, passwordHash: credential.passwordHash };
    const who = { officialId: official.id, accountId: official.accountId };
    // Wrong tries since must be counted down by a whole sign-in.
    if (input.allowAppPassword && official.status === 'active' && credential.failures === 0 && ctx.recent.knows(recent))
      return principal(ctx, who, 'password', credential.mustChange);
    await ctx.limits.take(input.remote, address);
    if (!(await verifyPassword(credential.passwordHash, input.password))) {
      await recordFailure(ctx, official.id, input.remote);
      throw signInWrong();
    }
    await ctx.limits.giveBack(input.remote);
    if (official.status === 'disabled') throw signInDisabled();
    const stronger = hashIsAtLeast(credential.passwordHash, ctx.settings)
      ? undefined
      : await hashPassword(input.password, ctx.settings);
    await ctx.db.write(async (tx) => {
      await ctx.repository.passwords.signedIn(tx.q, official.id, ctx.clock.now());
      if (stronger !== undefined)
        await ctx.repository.passwords.replaceHash(tx.q, official.id, credential.passwordHash, stronger);
      await ctx.audit.record(tx, {
        actor: `official:${official.id}`,
        action: 'sign_in',
        object: `official:${official.id}`,
        details: { remote: input.remote, via: 'password' },
      });
    });
    ctx.recent.remember({ ...recent, passwordHash: stronger ?? credential.passwordHash });
    return principal(ctx, who, 'password', credential.mustChange);
  };
}

/** One SHA-256 and one look-up: a lock of the password, which strangers can cause, does not stop a mail program. */
async function byAppPassword(
  ctx: CredentialsContext,
  input: Input,
  officialId: OfficialId | undefined,
): Promise<SignedIn> {
  const { db, repository, clock } = ctx;
  const row = await repository.appPasswords.find(db.read, appPasswordHash(input.password.trim()));
  if (!row || row.officialId !== officialId) {
    await ctx.limits.takeRemote(input.remote);
    throw signInWrong();
  }
  const holder = await repository.passwords.holder(db.read, row.officialId);
  if (holder?.status !== 'active') throw signInDisabled();
  if (clock.now() - (row.lastUsedAt ?? 0) >= TOUCH)
    await db.write((tx) => repository.appPasswords.touch(tx.q, row.id, clock.now()));
  return principal(ctx, holder, 'app_password', false);
}
/** "Last used" is kept to the minute: mail programs sign in all day. */
const TOUCH = 60_000;

export function expectUnlocked(ctx: CredentialsContext, lockedUntil: number | null): void {
  const left = (lockedUntil ?? 0) - ctx.clock.now();
  // Longer than any lock lasts: the clock was set back since, and nobody is to wait for that.
  if (left > 0 && left <= ctx.settings.lockMinutes * 60_000) throw signInLocked(Math.ceil(left / 1000));
}

/** Counts in the database, where all processes see it; at the limit the account is locked and the count begins anew. */
export async function recordFailure(ctx: CredentialsContext, officialId: OfficialId, remote: string): Promise<void> {
  const { settings, clock, repository, audit } = ctx;
  await ctx.db.write(async (tx: Tx) => {
    const failures = await repository.passwords.countFailure(tx.q, officialId);
    const locks = failures >= settings.lockAfterFailures;
    if (locks) await repository.passwords.lock(tx.q, officialId, clock.now() + settings.lockMinutes * 60_000);
    await audit.record(tx, {
      actor: `official:${officialId}`,
      action: locks ? 'sign_in.locked' : 'sign_in.failed',
      object: `official:${officialId}`,
      details: { remote, failures },
    });
  });
}

export async function principal(
  ctx: CredentialsContext,
  holder: Pick<Holder, 'officialId' | 'accountId'>,
  via: SignedIn['via'],
  mustChange: boolean,
): Promise<SignedIn> {
  const { officialId, accountId } = holder;
  return { kind: 'official', officialId, accountId, roles: await ctx.directory.grants(officialId), via, mustChange };
}
