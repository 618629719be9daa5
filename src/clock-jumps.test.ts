/** The machine's clock is set wrong and right again: numbers never go back, nothing is lost, and nobody is shut out. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { PASSWORD } from '../test/support/people.ts';
import { world, type World } from './backup/testing/installation.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let w: World;
beforeAll(async () => {
  w = await world('sqlite');
});
afterAll(() => w.dispose());

it('mail that comes in before and after each jump has rising UIDs and states, and new mailboxes a UIDVALIDITY of their own', async () => {
  const { mailstore } = w.parts;
  const { accountId } = w.people.hung;
  const reader = mailstore.read(accountId);
  const uidValidities: number[] = [];
  const modseqs: number[] = [];
  let since = await reader.state('Email');
  let n = 0;
  for (const jump of [0, -HOUR, DAY, -2 * DAY, 3 * DAY, -DAY]) {
    w.clock.advance(jump);
    await w.put(`thu-${++n}`);
    const { created, newState } = await reader.changes('Email', since);
    expect(created.length).toBe(1);
    since = newState;
    modseqs.push((await reader.info()).modseq);
    const made = await mailstore.write(accountId, (writer) => writer.createMailbox({ name: `Hộp ${n}` }));
    uidValidities.push(made.uidValidity);
  }
  const inbox = await reader.mailboxByRole('inbox');
  const uids = (await reader.placed(inbox!.id)).map(({ uid }) => uid);
  expect(uids).toEqual([1, 2, 3, 4, 5, 6]);
  for (const list of [uidValidities, modseqs]) expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
});

it('a lock against guessing lasts no longer because the clock was set back', async () => {
  const { credentials } = w.parts;
  const { address } = w.people.nhung;
  const signIn = (password: string, remote: string) =>
    credentials.authenticate({ address, password, remote, allowAppPassword: false });
  for (let i = 0; ; i++) {
    const code = await signIn('sai mật khẩu', `192.0.2.${i}`).catch((error: { code: string }) => error.code);
    if (code === 'sign_in.locked') break;
    expect([code, i < 20]).toEqual(['sign_in.wrong', true]);
  }
  w.clock.advance(-DAY);
  expect(await signIn(PASSWORD, '192.0.2.99')).toMatchObject({ kind: 'official' });
  w.clock.advance(DAY);
});

it('a session lives through an hour of wrong time, and ends by a day that it seems unused', async () => {
  const { credentials } = w.parts;
  const { token } = await credentials.createSession(w.people.vu.id, { userAgent: 'x', ip: '192.0.2.1' });
  w.clock.advance(HOUR);
  expect(await credentials.session(token)).toBeDefined();
  w.clock.advance(-2 * HOUR);
  expect(await credentials.session(token)).toBeDefined();
  w.clock.advance(2 * DAY);
  expect(await credentials.session(token)).toBeUndefined();
});

it('mail that was queued under a clock of tomorrow waits, and goes when the administrator says so', async () => {
  const { mailstore, delivery, queue, jobs, clock } = w.parts;
  const { hung } = w.people;
  w.clock.advance(DAY);
  const message = await mailstore.prepare(
    Buffer.from(`From: ${hung.address}\r\nTo: a@bo.example\r\nSubject: x\r\nMessage-ID: <mai@x>\r\n\r\nx\r\n`),
  );
  const envelope = { mailFrom: hung.address, rcptTo: [{ address: 'a@bo.example' }] };
  await delivery.send(message, envelope, { officialId: hung.id, accountId: hung.accountId, sentCopy: 'exists' });
  w.clock.advance(-DAY);
  const due = async () => (await jobs.stats()).find(({ queue: name }) => name === 'outbound')?.due;
  expect((await queue.list())[0]?.nextAt).toBeGreaterThan(clock.now() + 23 * HOUR);
  expect(await due()).toBe(0);
  await queue.retryNow();
  expect(await due()).toBe(1);
});
