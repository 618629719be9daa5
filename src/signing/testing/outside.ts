/** Signers of other domains, as other programs make their keys and signatures. */
import { createMessage, generateKey, sign, type PrivateKey } from 'openpgp';

import { signedMessage } from '../../web/client/lib/mail/signed.ts';
import type { OutgoingMessage } from '../../web/client/lib/mail/types.ts';
import type { TestSigning } from './setup.ts';

export async function strangerKey(t: TestSigning, email: string, more: object = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    userIDs: [{ name: 'Ông Ngoài', email }],
    format: 'object',
    date: new Date(t.clock.now()),
    ...more,
  });
  return privateKey;
}

export const signWith = (t: TestSigning, key: PrivateKey, message: OutgoingMessage): Promise<Uint8Array> =>
  signedMessage(message, async (payload) => {
    const made = await sign({
      message: await createMessage({ binary: payload }),
      signingKeys: key,
      detached: true,
      format: 'object',
      date: new Date(t.clock.now()),
    });
    return { armored: made.armor(), micalg: 'pgp-sha512' };
  });

/** As if the domain of the address had been asked and had published this key. */
export async function published(t: TestSigning, address: string, publicKey: Uint8Array): Promise<void> {
  const { outsideKeys } = t.db.t;
  await t.db.write((tx) =>
    tx.q.insert(outsideKeys).values({ address, publicKey, fetchedAt: t.clock.now() }).onConflictDoNothing(),
  );
}

/** The names of the checks that did not pass. */
export const failed = (verdict: { checks: { check: string; ok: boolean }[] }): string[] =>
  verdict.checks.filter((c) => !c.ok).map((c) => c.check);
