/** Mail from outside whose sender heard 250 before it was delivered. */
import { afterEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { mail, openWorld, type World } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

const outsider = 'lan@bo.example';
async function taken(from: string, to: readonly string[], mailbox: 'inbox' | 'junk' = 'inbox'): Promise<string[]> {
  const message = await world.mailstore.prepare(mail({ From: outsider }));
  const envelope = { mailFrom: from, rcptTo: to.map((address) => ({ address })) };
  const origin = { authentication: {}, remote: '192.0.2.1', mailbox, taken: true };
  return (await world.delivery.receive(message, envelope, origin)).delivered.map(({ address }) => address).sort();
}

describe.each(dialects)('mail that was taken ($dialect)', ({ open }) => {
  it('reaches whoever is there still, full or not, and its sender hears of the others', async () => {
    world = await openWorld(open);
    const { hung, nhung, lan } = world.people;
    await world.db.write((tx) => world.directory.disableOfficial(tx, lan.officialId));
    await world.db.write((tx) => world.mailstore.setAccount(tx, nhung.accountId, { quotaBytes: 1 }));
    const gone = `gone@${world.domain}`;
    expect(await taken(outsider, [hung.address, lan.address, nhung.address, gone, 'x@moved.example'])).toEqual(
      [hung.address, nhung.address].sort(),
    );
    for (const { accountId } of [hung, nhung]) expect((await world.inbox(accountId)).length).toBe(1);
    const reports = await world.queue.list();
    expect(reports).toMatchObject([{ recipient: outsider, returnPath: '' }]);
    const queued = await world.queue.message(reports[0]!.outboundId);
    const text = Buffer.from(await world.queue.bytes(queued!)).toString();
    const told = [...text.matchAll(/^Final-Recipient: rfc822; ?(\S+)[^]*?^Status: (\S+)/gm)];
    expect(told.map(([, address, status]) => [address, status])).toEqual([
      [gone, '5.1.1'],
      ['x@moved.example', '5.1.1'],
      [lan.address, '5.2.1'],
    ]);
  });

  it('for nobody who is there is reported as well, but not to nobody, nor to an address that is probably forged', async () => {
    world = await openWorld(open);
    const { hung, lan } = world.people;
    await world.db.write((tx) => world.directory.disableOfficial(tx, lan.officialId));
    expect(await taken('', [lan.address])).toEqual([]);
    expect(await taken(outsider, [lan.address], 'junk')).toEqual([]);
    expect(await world.queue.list()).toEqual([]);
    expect(await taken(outsider, [lan.address])).toEqual([]);
    expect((await world.queue.list()).length).toBe(1);
    expect(await taken(hung.address, [lan.address])).toEqual([]);
    expect((await world.inbox(hung.accountId)).length).toBe(1);
  });
});
