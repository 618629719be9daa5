import { describe, expect, it } from 'vitest';
import type { OwnIdentity } from '../api/identities.ts';
import { preferOwnAccount } from './use-compose.ts';

const identity = (accountId: string, email: string): OwnIdentity => ({
  id: `${accountId}:${email}`,
  accountId,
  name: email,
  email,
  replyTo: null,
  textSignature: '',
  htmlSignature: '',
});

describe('the addresses one may write from', () => {
  const accounts = [
    { accountId: 'own', addresses: ['thuybtt@caoson.gov.vn'] },
    { accountId: 'unit', addresses: ['VPUBND@caoson.gov.vn'] },
  ];

  it("writes for a unit from the unit's account, where its Sent is, though one's own account offers the address too", () => {
    const chosen = preferOwnAccount(
      [
        identity('own', 'thuybtt@caoson.gov.vn'),
        identity('own', 'vpubnd@caoson.gov.vn'),
        identity('unit', 'vpubnd@caoson.gov.vn'),
      ],
      accounts,
    );
    expect(chosen.map(({ accountId, email }) => [accountId, email])).toEqual([
      ['own', 'thuybtt@caoson.gov.vn'],
      ['unit', 'vpubnd@caoson.gov.vn'],
    ]);
  });
  it("writes from one's own account what is nobody else's", () => {
    const shared = preferOwnAccount(
      [identity('own', 'a@caoson.gov.vn'), identity('unit', 'a@caoson.gov.vn')],
      accounts,
    );
    expect(shared.map(({ accountId }) => accountId)).toEqual(['own']);
  });
});
