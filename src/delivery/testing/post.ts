/** What comes from outside and what our people send, in the world of a test. */
import type { Envelope } from '../types.ts';
import type { World } from './world.ts';

export const outsider = 'lan@bo.example';

export const envelope = (mailFrom: string, ...rcptTo: (string | Envelope['rcptTo'][number])[]): Envelope => ({
  mailFrom,
  rcptTo: rcptTo.map((to) => (typeof to === 'string' ? { address: to } : to)),
});

export async function receive(world: World, bytes: Uint8Array, to: Envelope, mailbox?: 'junk') {
  return world.delivery.receive(await world.mailstore.prepare(bytes), to, {
    authentication: {},
    remote: '192.0.2.1',
    ...(mailbox ? { mailbox } : {}),
  });
}

export async function send(
  world: World,
  bytes: Uint8Array,
  to: Envelope,
  by = world.people.hung,
  sentCopy: 'make' | 'exists' = 'exists',
) {
  return world.delivery.send(await world.mailstore.prepare(bytes), to, {
    officialId: by.officialId,
    accountId: by.accountId,
    sentCopy,
  });
}

/** What waits in a queue of jobs. */
export const jobPayloads = async ({ db }: World, queue: string) =>
  (await db.read.select().from(db.t.jobs)).filter((row) => row.queue === queue).map((row) => row.payload);
