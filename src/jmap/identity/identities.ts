/**
 * The Identity object (RFC 8621 §6): whom an account may send as. The directory knows; nothing is stored here. The own account may
 * also write for the unit and title mailboxes that its official may use; such a mailbox only as itself.
 */
import { sha256Text } from '../../base/bytes.ts';
import type { MethodContext, OpenAccount } from '../context.ts';

export interface Identity {
  id: string;
  name: string;
  email: string;
  replyTo: null;
  bcc: null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}
export const identityProperties = [
  'id',
  'name',
  'email',
  'replyTo',
  'bcc',
  'textSignature',
  'htmlSignature',
  'mayDelete',
] as const;

/** Follows the address and nothing else, so that it stays when a name changes. */
export const identityIdOf = (address: string): string => `i${sha256Text(address.toLowerCase()).slice(0, 24)}`;

export async function identitiesOf(context: MethodContext, account: OpenAccount): Promise<Identity[]> {
  const others =
    account.info.kind === 'person'
      ? (await context.accounts()).filter((a) => a.accountId !== account.id && a.canSend)
      : [];
  return [account.info, ...others].flatMap(({ name, addresses }) =>
    addresses.map((email) => ({
      id: identityIdOf(email),
      name,
      email,
      replyTo: null,
      bcc: null,
      textSignature: '',
      htmlSignature: '',
      mayDelete: false,
    })),
  );
}

/** The directory keeps no log for us: the state is what it says now. */
export const identityState = (identities: readonly Identity[]): string =>
  sha256Text(JSON.stringify(identities)).slice(0, 24);
