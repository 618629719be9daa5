import { afterEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { envelope, jobPayloads, outsider, receive } from './testing/post.ts';
import { mail, openWorld, type World } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

describe('the verdict', () => {
  const signed = (from: string) =>
    mail(
      { From: from, 'Content-Type': 'multipart/signed; boundary=b; protocol="application/pgp-signature"' },
      '--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n',
    );

  it('is "unsigned" without asking a worker when nothing looks like a signature', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const { blobHash } = await receive(world, mail({ From: outsider }), envelope(outsider, hung.address));
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toMatchObject({ kind: 'unsigned' });
  });

  it('of something that only looks signed comes from the worker, and the key is asked for', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const { blobHash } = await receive(world, signed(outsider), envelope(outsider, hung.address));
    await world.jobs.runDue();
    const verdict = (await world.mailstore.verdicts([blobHash])).get(blobHash) as { kind: string } | null;
    expect(verdict?.kind).toMatch(/altered|unreadable|unknownSigner/);
  });

  it('is asked for signed parts and for inline PGP', async () => {
    let asked = 0;
    world = await openWorld(sqliteDatabase, {
      verify: async () => {
        asked++;
        return { verdict: { kind: 'unknownSigner', checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] } };
      },
    });
    const { hung } = world.people;
    const { blobHash } = await receive(world, signed(outsider), envelope(outsider, hung.address));
    await receive(
      world,
      mail({ From: outsider }, '-----BEGIN PGP SIGNED MESSAGE-----\r\n'),
      envelope(outsider, hung.address),
    );
    await receive(
      world,
      mail(
        { From: outsider, 'Content-Transfer-Encoding': 'base64' },
        Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n').toString('base64'),
      ),
      envelope(outsider, hung.address),
    );
    const hidden: [type: string, body: string][] = [
      ['text/html', '<p>&#45;----BEGIN PGP SIGNED MESSAGE-----</p>'],
      ['text/plain; charset=utf-7', '+AC0-----BEGIN PGP SIGNED MESSAGE-----'],
      ['text/html; charset=utf-8', '<p>-----BEGIN P<b>G<!-- > --></b>P SIGNED MESSAGE-----</p>'],
      ['text/html; charset=utf-8', '<p>-----BEGIN &#80;&#71;&#x50; SIGNED MESSAGE-----</p>'],
      ['text/html; charset=utf-8', '<p>-----BEGIN PG\u200bP SIGNED MESSAGE-----</p>'],
    ];
    for (const [type, body] of hidden)
      await receive(world, mail({ From: outsider, 'Content-Type': type }, body), envelope(outsider, hung.address));
    const quoted = { From: outsider, 'Content-Transfer-Encoding': 'quoted-printable' };
    for (const body of ['=2D----BEGIN PG=\r\nP SIGNED MESSAGE-----', '-----BEGIN =50GP SIGNED MESSAGE-----'])
      await receive(world, mail(quoted, body), envelope(outsider, hung.address));
    expect(asked).toBe(10);
    await receive(world, mail({ From: outsider }, 'Không có gì'), envelope(outsider, hung.address));
    await receive(world, mail(quoted, 'H=E1=BB=A3p P=\r\nG'), envelope(outsider, hung.address));
    expect(asked).toBe(10);
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toMatchObject({ kind: 'unknownSigner' });
  });

  it('waits, and a job asks for the key, when the signer’s domain must be asked first', async () => {
    const verdict = { kind: 'unknownSigner' as const, checkedAt: '', files: { signed: 0, unsigned: 0 }, checks: [] };
    world = await openWorld(sqliteDatabase, { verify: async () => ({ verdict, needsKeyOf: outsider }) });
    const { hung } = world.people;
    const { blobHash } = await receive(world, signed(outsider), envelope(outsider, hung.address), 'junk');
    expect((await world.mailstore.verdicts([blobHash])).get(blobHash)).toBeNull();
    expect(await jobPayloads(world, 'signing.fetch-key')).toMatchObject([{ address: outsider }]);
    expect((await world.inbox(hung.accountId, 'junk')).length).toBe(1);
  });
});
