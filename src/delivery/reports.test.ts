import { afterEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { envelope, outsider, send } from './testing/post.ts';
import { mail, openWorld, type World } from './testing/world.ts';

let world: World;
afterEach(() => world.dispose());

describe('reports that the system writes', () => {
  it('reach our people at once, others through the queue with a null reverse-path', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung } = world.people;
    const message = await world.mailstore.prepare(mail({ From: `mailer-daemon@${world.domain}` }));
    await world.delivery.report(message, hung.address);
    await world.delivery.report(message, outsider);
    await world.delivery.report(message, `gone@${world.domain}`);
    expect((await world.inbox(hung.accountId)).length).toBe(1);
    expect(await world.queue.list()).toMatchObject([{ recipient: outsider, returnPath: '' }]);
  });

  it('say "delivered" to who asked for it (NOTIFY=SUCCESS) and nothing to who did not', async () => {
    world = await openWorld(sqliteDatabase);
    const { hung, nhung, lan } = world.people;
    const asked = {
      ...envelope(
        hung.address,
        { address: nhung.address, notify: 'SUCCESS,FAILURE', orcpt: `rfc822;${nhung.address}` },
        lan.address,
      ),
      envId: 'QQ+1',
    };
    await send(world, mail({ From: hung.address }), asked);
    const reports = await world.inbox(hung.accountId);
    expect(reports.length).toBe(1);
    expect(reports[0]).toMatch(/Original-Envelope-Id: QQ\+1/);
    expect(reports[0]).toMatch(/Action: delivered/);
    expect(reports[0]).toMatch(/Original-Recipient: rfc822;/);
    expect(reports[0]).not.toContain(lan.address);
  });
});
