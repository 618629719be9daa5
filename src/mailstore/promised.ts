/** Messages whose UID was told before they are stored (uid-promises.ts): how it is promised, and how it is kept. */
import { sha256 } from '../base/bytes.ts';
import type { BlobHash, Millis } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { append } from './append.ts';
import { mailboxNotFound, overQuota } from './errors.ts';
import { packKeywords } from './keywords.ts';
import type { InnerParts } from './parts.ts';
import { mailboxRows } from './repository/mailboxes.ts';
import { knownMessage } from './repository/messages.ts';
import { placedRows } from './repository/placed.ts';
import { setDeleted } from './set-keywords.ts';
import type { PreparedMessage } from './types.ts';
import type { MailboxPlace, UidPlace, UidPromise, UidPromises } from './uid-promises.ts';
import { unitIn, type Unit } from './unit.ts';

/** What a client files beside the octets. */
export interface Filing {
  /** Lower case. */
  keywords: readonly string[];
  deleted: boolean;
  receivedAt: Millis;
}

export interface PromisedMail {
  /** Undefined: it was given up, and gets another one now. */
  readonly uid: number | undefined;
  readonly message: PreparedMessage;
  readonly filing: Filing;
}

export interface Promised {
  /** As `Mailstore.prepare`; what lies here already is not taken apart again. */
  prepare(bytes: Uint8Array): Promise<PreparedMessage>;
  /**
   * The next UID of a mailbox, for a message that will be stored whatever happens. Every promise ends with `done`.
   * @param bytes of the message @param hurry called when somebody waits for what was promised
   * @throws mail.over_quota, mail.mailbox_not_found, mail.keyword_invalid, mail.too_many_keywords
   */
  uid(place: MailboxPlace, filing: Filing, bytes: number, hurry: () => void): Promise<UidPromise>;
  /** A UID that was told and will not be kept: as long as this is known, nobody else gets it. */
  givenUp(place: UidPlace): void;
  /** For a message that was given up: the next UID, whatever the quota. @throws mail.mailbox_not_found */
  anew(place: MailboxPlace, bytes: number): Promise<UidPromise>;
  /** One that an earlier process gave. */
  renew(place: UidPlace): UidPromise;
  /** Some of one mailbox, in the order of their UIDs; or some that were given up, which come after all that is promised there. */
  store(tx: Tx, place: MailboxPlace, mail: readonly PromisedMail[]): Promise<void>;
  /** The mailbox had it under this UID, or has it; or went with it. */
  isStored(place: MailboxPlace & { uid: number }, hash: BlobHash): Promise<boolean>;
  /** Until the function that comes back is called, units that take UIDs wait. */
  hold(): () => void;
  /** Who waits for what will not be stored any more hears it. */
  end(): void;
}

interface Wanted {
  bytes: number;
  hurry: () => void;
  whateverTheQuota: boolean;
}

export function createPromised(
  parts: InnerParts,
  promises: UidPromises,
  prepare: (bytes: Uint8Array) => Promise<PreparedMessage>,
): Promised {
  const { db } = parts;
  const first = async (place: MailboxPlace, wanted: Wanted): Promise<UidPromise> => {
    const { bytes, whateverTheQuota, hurry } = wanted;
    let promise: UidPromise | undefined;
    try {
      return await db.write(async (tx) => {
        promise?.done();
        const { scope, account, quotaBytes } = await unitIn(tx, { db, q: tx.q, accountId: place.accountId }, promises);
        const [mailbox] = await mailboxRows(scope, [place.mailboxId]);
        if (!mailbox) throw mailboxNotFound(place.mailboxId);
        const free = quotaBytes - account.usedBytes;
        if (bytes > free && !whateverTheQuota) throw overQuota(quotaBytes);
        const { uidNext, uidValidity } = mailbox;
        const uid = promises.free(place, uidNext);
        promise = promises.open({ ...place, uid, uidValidity }, { bytes, free }, hurry);
        return promise;
      });
    } catch (error) {
      promise?.done();
      throw error;
    }
  };
  const next = async (place: MailboxPlace, wanted: Wanted): Promise<UidPromise> => {
    for (;;) {
      const taken = promises.take(place, wanted.bytes) ?? promises.opening(place);
      if (taken === undefined) return promises.begin(place, first(place, wanted));
      if (!(taken instanceof Promise)) return taken;
      await taken;
    }
  };
  return {
    prepare: async (bytes) => (await prepareKnown(parts, bytes)) ?? prepare(bytes),
    async uid(place, { keywords }, bytes, hurry) {
      packKeywords(keywords);
      return next(place, { bytes, hurry, whateverTheQuota: false });
    },
    anew: (place, bytes) => next(place, { bytes, hurry: () => undefined, whateverTheQuota: true }),
    givenUp: (place) => promises.giveUp(place),
    renew: (place) => promises.renew(place),
    async store(tx, place, mail) {
      promises.inOrder(
        place,
        mail.flatMap(({ uid }) => uid ?? []),
      );
      const unit = await unitIn(tx, { db, q: tx.q, accountId: place.accountId }, promises);
      for (const one of mail) await storeOne(parts, unit, place, one);
    },
    isStored: (place, hash) => isStored(parts, place, hash),
    hold: () => promises.hold(),
    end: () => promises.end(),
  };
}

async function isStored(
  { db }: InnerParts,
  { accountId, mailboxId, uid }: MailboxPlace & { uid: number },
  hash: BlobHash,
): Promise<boolean> {
  const scope = { db, q: db.read, accountId };
  const [mailbox] = await mailboxRows(scope, [mailboxId]);
  // Whoever removed the mailbox came after it (`passBy`): it went along.
  if (!mailbox) return true;
  if (mailbox.uidNext <= uid) return false;
  const [there] = await placedRows(scope, mailboxId, { uids: [uid] });
  // It may have been moved or expunged since.
  return !there || there.blobHash === hash;
}

async function storeOne(
  parts: InnerParts,
  unit: Unit,
  place: MailboxPlace,
  { uid: promisedUid, message, filing: { keywords, deleted, receivedAt } }: PromisedMail,
): Promise<void> {
  const { mailboxId } = place;
  const options = { mailboxIds: [mailboxId], keywords, receivedAt, ignoreQuota: true, promisedUid };
  const { uids } = await append(parts, unit, message, options);
  const uid = uids.get(mailboxId) ?? 0;
  if (deleted) await setDeleted(unit, mailboxId, [uid], true);
  if (promisedUid !== undefined && uid !== promisedUid)
    parts.log.error({ ...place, uid, promisedUid }, 'another process took the UID of a message that was appended');
}

/** A mail program moves mail between accounts by appending it: the same bytes. */
async function prepareKnown({ db, blobs }: InnerParts, bytes: Uint8Array): Promise<PreparedMessage | undefined> {
  const hash = sha256(bytes);
  const known = await knownMessage({ db, q: db.read }, hash);
  const blob = known && (await blobs.stageKnown(bytes, hash));
  return blob && { ...known, blob, isKnown: true };
}
