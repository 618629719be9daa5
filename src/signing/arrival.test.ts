import { expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { Official } from '../directory/types.ts';
import { letter, openSigning, type TestSigning } from './testing/setup.ts';

const MINUTE = 60_000;

it.each(dialects)(
  'a stolen key gains nothing by a copy that its thief dates back in a mailbox of their own ($dialect)',
  async ({ open }) => {
    const t: TestSigning = await openSigning(open);
    const thief = await t.official('Lê Văn Gian');
    const hung = await t.person('Nguyễn Văn Hùng');
    const victim = await t.official('Trần Thị Hoa');
    expect(thief.accountId).toBeLessThan(victim.accountId);
    const start = t.clock.now();
    t.clock.advance(60 * MINUTE);
    const bytes = await hung.sign(letter(hung.official, start + 10 * MINUTE), start + 10 * MINUTE);
    const message = await t.mailstore.prepare(bytes);
    message.verdict = (await t.signing.verify(message, bytes, t.clock.now())).verdict;
    expect(message.verdict).toMatchObject({ kind: 'whole' });
    const keep = async ({ accountId }: Official, receivedAt: number) =>
      t.mailstore.write(accountId, async (writer) => {
        const inbox = await writer.mailboxByRole('inbox');
        await writer.append(message, { mailboxIds: [inbox!.id], receivedAt });
      });
    await keep(victim, t.clock.now());
    await keep(thief, start + 11 * MINUTE);
    await t.signing.revoke(hung.made.fingerprint, 'compromised', 'system', start + 30 * MINUTE);
    await t.jobs.runDue();
    const { hash } = message.blob;
    expect((await t.mailstore.verdicts([hash])).get(hash)).toMatchObject({ kind: 'revoked' });
    await t.dispose();
  },
);
