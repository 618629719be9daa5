import { afterEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import { envelope, send } from './testing/post.ts';
import { mail, openWorld, type World } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

describe('who may send as whom', () => {
  const refused = async (bytes: Uint8Array, mailFrom: string) => {
    const { hung, nhung } = world.people;
    const error = await send(world, bytes, envelope(mailFrom, nhung.address), hung).catch((e: unknown) => e);
    return isDomainError(error) ? [error.code, error.details['address'] ?? error.details['reason']] : error;
  };

  it('asks about the envelope, From and Sender', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, unit } = world.people;
    expect(await refused(mail({ From: hung.address }), nhung.address)).toEqual(['sender.forbidden', nhung.address]);
    expect(await refused(mail({ From: nhung.address }), hung.address)).toEqual(['sender.forbidden', nhung.address]);
    expect(await refused(mail({ From: unit.address }), hung.address)).toEqual(['sender.forbidden', unit.address]);
    expect(await refused(mail({ From: hung.address, Sender: nhung.address }), hung.address)).toEqual([
      'sender.forbidden',
      nhung.address,
    ]);
    expect(await refused(mail({ From: `${hung.address}, ${nhung.address}` }), hung.address)).toEqual([
      'sender.forbidden',
      nhung.address,
    ]);
    expect(await refused(mail({ From: `"${hung.address}" <evil@x.example>` }), hung.address)).toEqual([
      'sender.forbidden',
      'evil@x.example',
    ]);
    expect(await refused(mail({ From: hung.address }), '')).toEqual(['sender.forbidden', '']);
  });

  it('wants exactly one From', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung } = world.people;
    expect(await refused(mail({ Subject: 'x' }), hung.address)).toEqual(['message.from_invalid', 'missing']);
    expect(await refused(mail({ From: hung.address, from: nhung.address }), hung.address)).toEqual([
      'message.from_invalid',
      'more than one field',
    ]);
  });

  it('asks the policies before anything is stored', async () => {
    const seen: string[] = [];
    world = await openWorld(sqliteDatabase, {
      policies: [
        async (message, { rcptTo }) => {
          seen.push(`${message.derived.summary.subject} ${rcptTo.length}`);
          throw new Error('not this way');
        },
      ],
    });
    const { hung, nhung } = world.people;
    await expect(
      send(world, mail({ From: hung.address, Subject: 'S' }), envelope(hung.address, nhung.address)),
    ).rejects.toThrow('not this way');
    expect(seen).toEqual(['S 1']);
    expect(await world.inbox(nhung.accountId)).toEqual([]);
  });
});
