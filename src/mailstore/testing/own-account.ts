/** One store for a test file, and a fresh account for each of its tests. */
import { expect } from 'vitest';

import type { TestDatabase } from '../../../test/support/databases.ts';
import type { AccountId, MailboxId } from '../../base/ids.ts';
import type { AccountReader, AccountWriter, Appended, Mailbox } from '../types.ts';
import { message, openStore, type TestStore } from './setup.ts';

export class OwnAccount {
  readonly t: TestStore;
  id!: AccountId;
  inbox!: MailboxId;

  private constructor(t: TestStore) {
    this.t = t;
  }

  static async open(open: () => Promise<TestDatabase>): Promise<OwnAccount> {
    return new OwnAccount(await openStore(open));
  }

  async fresh(): Promise<void> {
    this.id = await this.t.account();
    this.inbox = await this.t.role(this.id, 'inbox');
  }

  /** All that the tests left must be sound. */
  async dispose(): Promise<void> {
    expect(await this.t.findings()).toEqual([]);
    await this.t.dispose();
  }

  read(): AccountReader {
    return this.t.store.read(this.id);
  }

  write<T>(work: (writer: AccountWriter) => Promise<T>): Promise<T> {
    return this.t.store.write(this.id, work);
  }

  /** One more message in the inbox. */
  async put(bytes = message()): Promise<Appended> {
    const prepared = await this.t.store.prepare(bytes);
    return this.write((w) => w.append(prepared, { mailboxIds: [this.inbox] }));
  }

  create(name: string, parentId: MailboxId | null = null): Promise<Mailbox> {
    return this.write((w) => w.createMailbox({ name, parentId }));
  }
}
