/** Who follows the store by its changes while others write, and while the log forgets what is old. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { ModSeq } from '../base/ids.ts';
import { createMailstore } from './mailstore.ts';
import { interposed } from './testing/interposed.ts';
import { OwnAccount } from './testing/own-account.ts';
import type { AccountReader } from './types.ts';

describe.each(dialects)('changes that are asked for ($dialect)', ({ open }) => {
  let own: OwnAccount;
  let since: ModSeq;
  beforeAll(async () => {
    own = await OwnAccount.open(open);
  });
  afterAll(() => own.dispose());
  beforeEach(async () => {
    await own.fresh();
    for (let i = 0; i < 4; i++) await own.put();
    since = (await own.read().info()).modseq;
    await own.write(async (w) => {
      await w.setDeleted(own.inbox, [2, 3], true);
      await w.expunge(own.inbox);
    });
  });

  const forget = async (upTo: number) => own.t.db.write((tx) => own.t.store.pruneChanges(tx, own.id, upTo as ModSeq));
  /** The account seen by a reader to whom that happens just before a statement with these words. */
  const reading = (words: string[], before: () => Promise<unknown>): AccountReader => {
    const read = interposed(own.t.db.read, words, before);
    return createMailstore({ ...own.t, db: { ...own.t.db, read }, log: silentLog }).read(own.id);
  };
  const now = async (): Promise<ModSeq> => (await own.read().info()).modseq;
  const unknown = { code: 'mail.cannot_calculate_changes' };

  it('are all of them, or it is said that they are not known: the log forgets them between two reads', async () => {
    const upTo = await now();
    const rows = reading(['"changes"', 'object_id'], () => forget(upTo));
    await expect(rows.changes('Email', since)).rejects.toMatchObject(unknown);
  });

  it('and what left a mailbox likewise', async () => {
    expect((await own.read().expungedSince(own.inbox, since)).map(({ uid }) => uid)).toEqual([2, 3]);
    const upTo = await now();
    const gone = reading(['"expunged"'], () => forget(upTo));
    await expect(gone.expungedSince(own.inbox, since)).rejects.toMatchObject(unknown);
  });

  it('end at a state from which the rest is heard, when more is written between two reads', async () => {
    const late = reading(['"changes"', 'object_id'], () => own.put());
    const first = await late.changes('Email', since);
    const rest = await own.read().changes('Email', first.newState);
    expect(first.destroyed).toEqual([2, 3]);
    expect([...first.created, ...rest.created]).toEqual([5]);
    expect(rest.newState).toBe(await own.read().state('Email'));
  });

  it('are not known from a state ahead of the account, as one of a restored store may be', async () => {
    await expect(own.read().changes('Email', ((await now()) + 1) as ModSeq)).rejects.toMatchObject(unknown);
    expect(await own.read().changes('Email', await now())).toMatchObject({ created: [], updated: [], destroyed: [] });
  });

  it('are known from the very floor of the log on, and not from below it', async () => {
    await forget(since);
    expect(await own.read().changes('Email', since)).toMatchObject({ destroyed: [2, 3], hasMoreChanges: false });
    expect((await own.read().expungedSince(own.inbox, since)).map(({ uid }) => uid)).toEqual([2, 3]);
    const below = (since - 1) as ModSeq;
    await expect(own.read().changes('Email', below)).rejects.toMatchObject(unknown);
    await expect(own.read().expungedSince(own.inbox, below)).rejects.toMatchObject(unknown);
    // A type of which nothing is left has the floor for its state, and nothing new.
    expect(await own.read().state('EmailSubmission')).toBe(since);
    expect(await own.read().changes('EmailSubmission', since)).toMatchObject({ newState: since, created: [] });
  });

  it('never forget what has not happened, nor remember again', async () => {
    await forget((await now()) + 1000);
    const floor = await now();
    await own.put();
    expect(await own.read().changes('Email', floor)).toMatchObject({ created: [5] });
    await forget(since);
    await expect(own.read().changes('Email', since)).rejects.toMatchObject(unknown);
  });
});
