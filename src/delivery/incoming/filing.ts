/** What clients filed by themselves comes into its mailboxes: what waits for the same one in one unit of work. */
import { isPassing } from '../../base/storage-faults.ts';
import type { Database } from '../../db/database.ts';
import type { Mailstore, PreparedMessage } from '../../mailstore/types.ts';
import type { FiledMail, FileMail } from './types.ts';

export interface FilingParts {
  db: Database;
  mailstore: Mailstore;
  verdictOf(message: PreparedMessage, bytes: Uint8Array): Promise<unknown>;
}

interface Waiting {
  mail: FiledMail;
  message: PreparedMessage;
  done(): void;
  failed(error: unknown): void;
}

export function createFiling({ db, mailstore, verdictOf }: FilingParts): FileMail {
  const waiting: Waiting[] = [];
  const unit = (group: readonly Waiting[]): Promise<void> =>
    db.write(async (tx) => {
      const mail = group.map(({ mail: { promise, filing }, message }) => ({ uid: promise?.uid, message, filing }));
      const [first] = group;
      if (first) await mailstore.promised.store(tx, first.mail.place, mail);
    });
  const store = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await unit(group);
      for (const { done } of group) done();
    } catch (error) {
      // Unless the database went away nothing is done: each finds by itself whether it can be.
      if (group.length > 1 && !isPassing(error)) for (const one of group) await store([one]);
      else for (const { failed } of group) failed(error);
    }
  };
  const storeAll = (): void => {
    const byPlace = new Map<string, Waiting[]>();
    for (const one of waiting.splice(0)) {
      const { promise, place } = one.mail;
      // What has lost its UID takes the next one after those that are promised: it would wait for its own company.
      const key = `${place.accountId}/${place.mailboxId}/${promise ? 'promised' : 'new'}`;
      byPlace.set(key, [...(byPlace.get(key) ?? []), one]);
    }
    for (const group of byPlace.values()) void store(group);
  };
  return async (mail) => {
    const message = await mailstore.promised.prepare(mail.bytes);
    message.verdict ??= await verdictOf(message, mail.bytes);
    return () =>
      new Promise((done, failed) => {
        // Those that are stored in the same turn go together.
        if (waiting.push({ mail, message, done, failed }) === 1) queueMicrotask(storeAll);
      });
  };
}
