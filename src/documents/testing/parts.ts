/** Documents over a real database, directory and jobs; a webhook receiver on a real socket. */
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import type { TestDatabase } from '../../../test/support/databases.ts';
import type { DocumentInput } from '../../base/api-types.ts';
import { sha256 } from '../../base/bytes.ts';
import type { AccountId, BlobHash, DocumentId, EmailId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import type { OutsideOptions } from '../../base/outside-get.ts';
import { createSecretBox } from '../../base/secret-box.ts';
import { createBlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import type { Database } from '../../db/database.ts';
import { directoryParts, testUnit } from '../../directory/testing/parts.ts';
import type { Principal } from '../../directory/types.ts';
import { createJobs } from '../../jobs/jobs.repository.ts';
import type { AttachmentInfo, Summary } from '../../message/types.ts';
import { createDocuments } from '../documents.ts';
import { documentsSettings } from '../settings.ts';

export async function documentParts(
  db: Database,
  settings: v.InferInput<typeof documentsSettings> = {},
  resolve?: OutsideOptions['resolve'],
) {
  const { directory, credentials, clock, audit } = directoryParts(db);
  const folder = await mkdtemp(join(tmpdir(), 'congvu-documents-'));
  const blobs = createBlobStore({ db, backend: folderBackend(folder), clock });
  const jobs = createJobs({ db, clock, log: silentLog });
  const verdicts = new Map<BlobHash, unknown>();
  const documents = createDocuments({
    db,
    blobs,
    directory,
    jobs,
    audit,
    clock,
    log: silentLog,
    box: createSecretBox(new Uint8Array(32).fill(7)),
    settings: v.parse(documentsSettings, { webhookNetworks: ['127.0.0.1'], ...settings }),
    ...(resolve ? { resolve } : {}),
    verdicts: async () => verdicts,
  });
  const key = async (scopes: string[], unitId: number | null = null): Promise<Principal> => {
    const { secret } = await db.write((tx) =>
      credentials.createApiKey(tx, { name: 'eOffice', scopes, unitId: unitId as never }),
    );
    const principal = await credentials.apiKey(secret);
    if (!principal) throw new Error('no key');
    return principal;
  };
  const official = async (
    unitCode: string,
    role: string,
    fullName = 'Nguyễn Văn Hùng',
  ): Promise<Extract<Principal, { kind: 'official' }>> => {
    const made = await db.write((tx) => directory.addOfficial(tx, { fullName, title: 'Chuyên viên', unitCode, role }));
    return {
      kind: 'official',
      officialId: made.official.id,
      accountId: made.official.accountId,
      roles: [],
      via: 'session',
    };
  };
  const units = async () => {
    await db.write((tx) => directory.addUnit(tx, testUnit('H99')));
    await db.write((tx) => directory.addUnit(tx, testUnit('H99.06', { parentCode: 'H99' })));
    await db.write((tx) =>
      directory.addUnit(tx, testUnit('H99.06.02', { parentCode: 'H99.06', ownsRegisters: false })),
    );
    await db.write((tx) => directory.addUnit(tx, testUnit('H99.02', { parentCode: 'H99' })));
  };
  /** A document becomes issued with this file. */
  const issue = (id: number, text: string, name = '1427_UBND-KGVX.signed.pdf') =>
    documents.addFile(system, id as DocumentId, { kind: 'issued', name, type: 'application/pdf', bytes: pdf(text) });
  return {
    db,
    directory,
    credentials,
    clock,
    audit,
    blobs,
    jobs,
    documents,
    verdicts,
    key,
    official,
    units,
    issue,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
export type DocumentParts = Awaited<ReturnType<typeof documentParts>>;

/** On a database of its own, with units. */
export async function openDocuments(
  open: () => Promise<TestDatabase>,
  settings: v.InferInput<typeof documentsSettings> = {},
): Promise<DocumentParts> {
  const database = await open();
  const parts = await documentParts(database.db, settings);
  await parts.units();
  return {
    ...parts,
    async dispose() {
      await parts.dispose();
      await database.dispose();
    },
  };
}

export const system = { kind: 'system' } as const;

export const input = (more: Partial<DocumentInput> = {}): DocumentInput => ({
  unitCode: 'H99',
  direction: 'di',
  numberNotation: '1427/UBND-KGVX',
  typeName: 'Công văn',
  issuerCode: 'H99',
  issuedDate: '2026-11-20',
  subject: 'V/v triển khai hệ thống thư điện tử công vụ đến cấp xã',
  urgency: 'hoa_toc',
  signer: { position: 'PHÓ CHỦ TỊCH', fullName: 'Trịnh Khải Sơn' },
  recipientCodes: ['H99.02'],
  ...more,
});

export const pdf = (text: string): Uint8Array => Buffer.from(`%PDF-1.7\n${text}\n%%EOF\n`);

export const attachment = (bytes: Uint8Array, more: Partial<AttachmentInfo> = {}): AttachmentInfo => ({
  part: '2',
  contentHash: sha256(bytes),
  name: '1427_UBND-KGVX.signed.pdf',
  type: 'application/pdf',
  size: bytes.length,
  ...more,
});

export const summary = (more: Partial<Summary> = {}): Summary => ({
  messageId: ['m1@caoson.gov.vn'],
  inReplyTo: [],
  references: [],
  from: [{ name: 'Văn phòng', email: 'vpubnd@caoson.gov.vn' }],
  sender: [],
  replyTo: [],
  to: [{ name: 'Sở Nội vụ', email: 'snv@caoson.gov.vn' }],
  cc: [],
  bcc: [],
  subject: 'Gửi văn bản',
  sentAt: 0,
  sentZone: 420,
  ...more,
});

export const delivery = (accountId: number, emailId: number, role: 'sent' | 'received', at = 1000) => ({
  accountId: accountId as AccountId,
  emailId: emailId as EmailId,
  role,
  at,
});

export interface Call {
  headers: IncomingHttpHeaders;
  body: string;
}

/** An eOffice system's end of a webhook: answers what it is told to. */
export async function receiver(): Promise<{
  url: string;
  calls: Call[];
  answer(status: number): void;
  stop(): Promise<void>;
}> {
  const calls: Call[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (c: Buffer) => chunks.push(c));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    answer: (to) => {
      status = to;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The signature that an eOffice system computes by itself (Standard Webhooks). */
export function expectedSignature(secret: string, { headers, body }: Call): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
