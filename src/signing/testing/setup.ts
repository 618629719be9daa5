/** Everything real but the key directories elsewhere: database, mail store, directory, jobs, worker threads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import { sqliteDatabase, type TestDatabase } from '../../../test/support/databases.ts';
import { createAudit, type Audit } from '../../audit/audit.repository.ts';
import type { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { createSecretBox } from '../../base/secret-box.ts';
import { createBlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import { createSecretStore } from '../../db/secrets.ts';
import { directoryParts, testUnit } from '../../directory/testing/parts.ts';
import type { Directory, Official } from '../../directory/types.ts';
import { createJobs } from '../../jobs/jobs.repository.ts';
import type { Jobs } from '../../jobs/types.ts';
import { createMailstore } from '../../mailstore/mailstore.ts';
import type { Mailstore } from '../../mailstore/types.ts';
import { leastCost, makeKey, signDetached } from '../../web/client/features/signing/keys.ts';
import type { MadeKey } from '../../web/client/features/signing/protocol.ts';
import { writeHeader } from '../../web/client/lib/mail/build.ts';
import { signedMessage, signedPayload } from '../../web/client/lib/mail/signed.ts';
import type { BuiltMessage, OutgoingMessage } from '../../web/client/lib/mail/types.ts';
import { signingSettings } from '../settings.ts';
import { createSigning, type SigningParts } from '../signing.ts';
import type { Verdict } from '../types.ts';

type Signing = ReturnType<typeof createSigning>;
export interface Person {
  official: Official;
  made: MadeKey;
  sign(message: OutgoingMessage, at?: number): Promise<Uint8Array>;
  /** multipart/signed around whatever payload; `at` of the signature. */
  wrap(built: BuiltMessage, payload?: Uint8Array): Promise<Uint8Array>;
  armored(payload: Uint8Array): Promise<string>;
}

export interface TestSigning {
  parts: SigningParts;
  signing: Signing;
  db: TestDatabase['db'];
  mailstore: Mailstore;
  directory: Directory;
  jobs: Jobs;
  audit: Audit;
  clock: ManualClock;
  certification: string;
  /** What key directories elsewhere answer; an Error is thrown. */
  elsewhere: Map<string, Uint8Array | Error>;
  asked: string[];
  official(fullName: string): Promise<Official>;
  /** An official with an enrolled key. */
  person(fullName: string): Promise<Person>;
  verdict(bytes: Uint8Array, at?: number): Promise<Verdict>;
  dispose(): Promise<void>;
}

export const passphrase = 'Mưa rơi trên phố cũ 42';

export async function openSigning(
  open: () => Promise<TestDatabase>,
  settings: v.InferInput<typeof signingSettings> = {},
): Promise<TestSigning> {
  const test = await open();
  const { db } = test;
  const folder = await mkdtemp(join(tmpdir(), 'congvu-signing-'));
  const { clock } = directoryParts(db);
  // gpg judges by the machine's clock, so ours stays behind it.
  clock.set(Math.floor(Date.now() / 1000) * 1000 - 24 * 3600_000);
  const blobs = createBlobStore({ db, backend: folderBackend(folder), clock });
  const mailstore = createMailstore({ db, blobs, clock, log: silentLog });
  const { directory } = directoryParts(db, { mailstore });
  const box = createSecretBox(Buffer.alloc(32, 7));
  const jobs = createJobs({ db, clock, log: silentLog });
  const audit = createAudit(db, clock);
  const elsewhere = new Map<string, Uint8Array | Error>();
  const asked: string[] = [];
  const fetchKey = async (address: string) => {
    asked.push(address);
    const answer = elsewhere.get(address);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const secrets = createSecretStore(db, box, () => clock.now());
  const parts: SigningParts = {
    db,
    blobs,
    mailstore,
    directory,
    secrets,
    box,
    jobs,
    clock,
    log: silentLog,
    audit,
    settings: v.parse(signingSettings, { workers: 1, ...settings }),
    fetchKey,
  };
  const signing = createSigning(parts);
  const certification = await db.write((tx) => signing.createCertificationKey(tx));
  await db.write((tx) =>
    directory.addUnit(tx, testUnit('H99', { name: 'Ủy ban nhân dân tỉnh Cao Sơn', email: 'ubnd@caoson.gov.vn' })),
  );
  const official = async (fullName: string) =>
    (
      await db.write((tx) =>
        directory.addOfficial(tx, { fullName, title: 'Chuyên viên', unitCode: 'H99' }, { password: 'x' }),
      )
    ).official;
  return {
    parts,
    signing,
    db,
    mailstore,
    directory,
    jobs,
    audit,
    clock,
    certification,
    elsewhere,
    asked,
    official,
    async person(fullName) {
      const given = await official(fullName);
      const { made, unlocked } = await makeKey(
        {
          fullName: given.fullName,
          address: given.address,
          passphrase,
          at: clock.now(),
        },
        leastCost,
      );
      await signing.enrol(given.id, made);
      const armored = async (payload: Uint8Array) => (await signDetached(unlocked, payload, clock.now())).armored;
      return {
        official: given,
        made,
        armored,
        async wrap(built, payload = signedPayload(built)) {
          return wrapped(built, payload, await armored(payload));
        },
        sign: (message, at = clock.now()) => signedMessage(message, (payload) => signDetached(unlocked, payload, at)),
      };
    },
    async verdict(bytes, at = clock.now()) {
      return (await signing.verify(await mailstore.prepare(bytes), bytes, at)).verdict;
    },
    async dispose() {
      await signing.close();
      await test.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One official with a key, and a letter that they signed. */
export async function openWithLetter(
  settings: v.InferInput<typeof signingSettings> = {},
): Promise<{ t: TestSigning; hung: Person; whole: Uint8Array }> {
  const t = await openSigning(sqliteDatabase, settings);
  const hung = await t.person('Nguyễn Văn Hùng');
  return { t, hung, whole: await hung.sign(letter(hung.official, t.clock.now())) };
}

/** multipart/signed as any program might write it. */
export function wrapped(built: BuiltMessage, payload: Uint8Array, armored: string): Uint8Array {
  const head = `${writeHeader(built.header)}Content-Type: multipart/signed; boundary="ngoai"; micalg=pgp-sha512;\r\n protocol="application/pgp-signature"\r\n\r\n--ngoai\r\n`;
  const tail = `\r\n--ngoai\r\nContent-Type: application/pgp-signature\r\n\r\n${armored.replace(/\r?\n/g, '\r\n')}\r\n--ngoai--\r\n`;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from(tail)]);
}

/** A message of `person` with a file that is a registered document. */
export function letter(
  person: { fullName: string; address: string },
  at: number,
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage {
  return {
    from: { name: person.fullName, email: person.address },
    to: [{ name: 'Trần Thị Hoa', email: 'hoatt@caoson.gov.vn' }],
    subject: 'Về việc tổ chức Hội nghị tổng kết công tác năm 2026',
    text: 'Kính gửi đồng chí,\n\nXin gửi công văn kèm theo.   \nFrom nay trở đi.\n.\n',
    html: '<p>Kính gửi đồng chí,</p><p>Xin gửi <b>công văn</b> kèm theo.</p>',
    date: new Date(at),
    messageId: 'mot.hai@caoson.gov.vn',
    attachments: [
      {
        name: 'Công văn 1427-UBND-KGVX.pdf',
        type: 'application/pdf',
        bytes: Buffer.from('%PDF-1.7 nội dung của công văn'),
        documentIdentifier: 'H99,2026/01/12,1427/UBND-KGVX',
      },
    ],
    ...more,
  };
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const bytesOf = (latin1: string): Uint8Array => Uint8Array.from(Buffer.from(latin1, 'latin1'));
/** Replaces once; fails when there is nothing to replace. */
export function change(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  const before = text(bytes);
  const after = before.replace(from, () => to);
  if (after === before) throw new Error(`nothing to change: ${String(from)}`);
  return bytesOf(after);
}
