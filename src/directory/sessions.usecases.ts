/** Sessions of the web client: an unguessable token, of which only the hash is kept. */
import { randomToken, sha256Text } from '../base/bytes.ts';
import type { CredentialsContext } from './credentials.ts';
import { principal } from './sign-in.usecases.ts';
import type { Credentials } from './types.ts';

/** "Last seen" is written at most so often, ms. */
const TOUCH = 60_000;

export function createSessions(ctx: CredentialsContext): Pick<Credentials, 'createSession' | 'session' | 'endSession'> {
  const { db, clock, settings, audit } = ctx;
  const { sessions, passwords } = ctx.repository;
  const idle = settings.sessionIdleMinutes * 60_000;
  return {
    async createSession(officialId, { userAgent, ip }) {
      const token = randomToken();
      const now = clock.now();
      const expiresAt = now + settings.sessionDays * 86_400_000;
      await db.write(async (tx) => {
        await sessions.insert(tx.q, {
          tokenHash: sha256Text(token),
          officialId,
          createdAt: now,
          lastSeenAt: now,
          expiresAt,
          userAgent: userAgent.slice(0, 300),
          ip,
        });
        await sessions.prune(tx.q, officialId, settings.maxSessions, now, now - idle);
      });
      return { token, expiresAt };
    },
    async session(token) {
      if (!/^[\w-]{43}$/.test(token)) return undefined;
      const row = await sessions.find(db.read, sha256Text(token));
      const now = clock.now();
      if (!row || now >= row.expiresAt || now - row.lastSeenAt >= idle) return undefined;
      const holder = await passwords.holder(db.read, row.officialId);
      const credential = await passwords.find(db.read, row.officialId);
      if (holder?.status !== 'active' || !credential) return undefined;
      if (now - row.lastSeenAt >= TOUCH) await db.write((tx) => sessions.touch(tx.q, row.tokenHash, now));
      return {
        ...(await principal(ctx, holder, 'session', credential.mustChange)),
        tokenHash: row.tokenHash,
        signedInAt: row.createdAt,
      };
    },
    async endSession(token) {
      await db.write(async (tx) => {
        const officialId = await sessions.remove(tx.q, sha256Text(token));
        if (officialId === undefined) return;
        await audit.record(tx, {
          actor: `official:${officialId}`,
          action: 'sign_out',
          object: `official:${officialId}`,
        });
      });
    },
  };
}
