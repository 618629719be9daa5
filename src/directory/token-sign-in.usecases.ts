/** Sign-in by an access token: who the provider says it is, as long as that is an official of ours. */
import { isDomainError } from '../base/errors.ts';
import type { VerifyToken } from './access-tokens.ts';
import { signInDisabled, signInTokenInvalid } from './credentials.errors.ts';
import type { CredentialsContext } from './credentials.ts';
import { principal } from './sign-in.usecases.ts';
import type { Credentials } from './types.ts';

export function createTokenSignIn(
  ctx: CredentialsContext,
  verifyToken: VerifyToken,
): NonNullable<Credentials['tokens']> {
  const { scope, openidConfiguration } = ctx.settings.oauth;
  return {
    hints: { scope, openidConfiguration },
    async authenticate({ token, authzid, remote }) {
      try {
        const address = (await verifyToken(token)).trim().toLowerCase();
        const official = await ctx.directory.official({ address });
        if (!official) throw signInTokenInvalid('the token names nobody here');
        const named = authzid === undefined ? official : await ctx.directory.official({ address: authzid });
        if (named?.id !== official.id) throw signInTokenInvalid('the token names somebody else');
        if (official.status === 'disabled') throw signInDisabled();
        return await principal(ctx, { officialId: official.id, accountId: official.accountId }, 'token', false);
      } catch (error) {
        // Forged tokens cost signature checks: whoever sends many is slowed down as with wrong passwords.
        if (isDomainError(error, 'sign_in.token_invalid')) await ctx.limits.takeRemote(remote);
        throw error;
      }
    },
  };
}
