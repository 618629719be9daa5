import { afterEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { envelope, outsider, receive, send } from './testing/post.ts';
import { mail, openWorld, type World } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

describe('limits', () => {
  it('stops a message that went round in circles', async () => {
    world = await openWorld(sqliteDatabase, { delivery: { hopLimit: 10 } });
    const { hung } = world.people;
    const hops = (n: number) =>
      Buffer.concat([Buffer.from('Received: by x; now\r\n'.repeat(n)), mail({ From: outsider })]);
    await expect(receive(world, hops(11), envelope(outsider, hung.address))).rejects.toMatchObject({
      code: 'message.loop',
    });
    await receive(world, hops(10), envelope(outsider, hung.address));
    expect((await world.inbox(hung.accountId)).length).toBe(1);
  });

  it('bounds size and number of recipients, and refuses what is no address', async () => {
    world = await openWorld(sqliteDatabase, { delivery: { maxRecipients: 100, maxMessageBytes: 64 * 1024 } });
    const { hung } = world.people;
    const many = Array.from({ length: 101 }, (_, i) => `a${i}@x.example`);
    await expect(send(world, mail({ From: hung.address }), envelope(hung.address, ...many))).rejects.toMatchObject({
      code: 'recipient.too_many',
    });
    expect(await send(world, mail({ From: hung.address }), envelope(hung.address, ...many.slice(1)))).toBeDefined();
    const head = mail({ From: hung.address }, '').byteLength;
    const sized = (octets: number) =>
      send(world, mail({ From: hung.address }, 'x'.repeat(octets - head)), envelope(hung.address, 'a@x.example'));
    expect(await sized(64 * 1024)).toBeDefined();
    await expect(sized(64 * 1024 + 1)).rejects.toMatchObject({ code: 'message.too_large' });
    await expect(send(world, mail({ From: hung.address }), envelope(hung.address))).rejects.toMatchObject({
      code: 'recipient.none',
    });
    for (const address of [
      'a',
      'a@',
      '@b',
      'a b@c.example',
      'a@b..c',
      'a@b\r\nRCPT TO:<x@y>',
      'a>@b.example',
      `${'l'.repeat(65)}@b.example`,
    ]) {
      await expect(send(world, mail({ From: hung.address }), envelope(hung.address, address))).rejects.toMatchObject({
        code: 'recipient.invalid',
      });
    }
  });

  it('says at RCPT time who is unknown, closed, full, or elsewhere', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    await world.db.write((tx) => world.directory.disableOfficial(tx, lan.officialId));
    await world.db.write((tx) => world.mailstore.setAccount(tx, nhung.accountId, { quotaBytes: 0 }));
    expect(await world.delivery.checkRecipient(hung.address)).toEqual({ kind: 'local', accountId: hung.accountId });
    expect(await world.delivery.checkRecipient('x@Elsewhere.example')).toEqual({
      kind: 'outside',
      domain: 'elsewhere.example',
    });
    await expect(world.delivery.checkRecipient(`nobody@${world.domain}`)).rejects.toMatchObject({
      code: 'recipient.unknown',
    });
    await expect(world.delivery.checkRecipient(lan.address)).rejects.toMatchObject({ code: 'recipient.disabled' });
    await expect(world.delivery.checkRecipient(nhung.address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
  });

  it('asks an empty mailbox every two seconds whether it is full, one that is nearly full each time', async () => {
    world = await openWorld(sqliteDatabase);
    const { accountId, address } = world.people.nhung;
    const setQuota = (quotaBytes: number) =>
      world.db.write((tx) => world.mailstore.setAccount(tx, accountId, { quotaBytes }));
    const answer = { kind: 'local', accountId };
    await setQuota(64 * 1024 * 1024 - 1);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    await setQuota(0);
    await expect(world.delivery.checkRecipient(address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
    await setQuota(64 * 1024 * 1024);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    await setQuota(0);
    world.clock.advance(1999);
    expect(await world.delivery.checkRecipient(address)).toEqual(answer);
    world.clock.advance(1);
    await expect(world.delivery.checkRecipient(address)).rejects.toMatchObject({ code: 'recipient.over_quota' });
  });

  it('tells the sender of a full mailbox by a report, and everyone else gets the message', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    await world.db.write((tx) => world.mailstore.setAccount(tx, nhung.accountId, { quotaBytes: 0 }));
    await send(
      world,
      mail({ From: hung.address, Subject: 'Mời họp' }),
      envelope(hung.address, nhung.address, lan.address),
    );
    expect((await world.inbox(lan.accountId)).length).toBe(1);
    expect(await world.inbox(nhung.accountId)).toEqual([]);
    const [report] = await world.inbox(hung.accountId);
    expect(report).toMatch(/Action: failed\r\nStatus: 5\.2\.2/);
    expect(report).toContain(`Final-Recipient: rfc822; ${nhung.address}`);
  });
});
