/** An eOffice system's day: plain HTTP with a key, a webhook receiver of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CorrespondenceRow, DocumentFileView, DocumentView, Problem } from '../src/base/api-types.ts';
import { expectedSignature, receiver } from '../src/documents/testing/parts.ts';
import { OfficialAtWork, until } from './support/official.ts';
import { PASSWORD, populate } from './support/people.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

let installation: Installation;
let server: ServerProcess;
let url: string;
const keys = { full: '', reader: '' };
const PDF = Buffer.from('%PDF-1.7\nQuyết định\n%%EOF\n');

beforeAll(async () => {
  installation = await install({ toml: '[documents]\nmaxFileBytes = 100000\nwebhookNetworks = ["127.0.0.1"]\n' });
  await populate(installation, async (parts) => {
    const key = (scopes: string[]) =>
      parts.db.write((tx) => parts.credentials.createApiKey(tx, { name: 'eOffice', scopes }));
    keys.full = (await key(['documents:read', 'documents:write', 'webhooks'])).secret;
    keys.reader = (await key(['documents:read'])).secret;
  });
  server = await serve(installation);
  url = `http://127.0.0.1:${installation.ports.http}`;
});
afterAll(async () => {
  await server.kill();
  await installation.dispose();
});

const call = (
  method: string,
  path: string,
  options: { key?: string; body?: unknown; raw?: Uint8Array; type?: string } = {},
) =>
  fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${options.key ?? keys.full}`,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.raw ? { 'content-type': options.type ?? 'application/pdf' } : {}),
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    ...(options.raw ? { body: options.raw as Uint8Array<ArrayBuffer> } : {}),
  });

const document = {
  unitCode: 'H99.01',
  direction: 'di',
  numberNotation: '128/QĐ-UBND',
  typeName: 'Quyết định',
  issuerCode: 'H99',
  issuedDate: '2026-01-26',
  subject: 'Ban hành Quy chế',
  signer: { authority: 'TM. ỦY BAN NHÂN DÂN', position: 'CHỦ TỊCH', fullName: 'Lâm Thạch Nguyên' },
  externalId: 'VB-2026-88213',
  recipientCodes: ['H99.33'],
};

describe('an eOffice system', () => {
  it('registers a document with its file, is told that it was sent and received, and lists its correspondence', async () => {
    const hook = await receiver();
    const created = (await (
      await call('POST', '/api/v1/webhooks', {
        body: { url: hook.url, events: ['document.sent', 'document.received'] },
      })
    ).json()) as { id: number; secret: string };
    const made = await call('POST', '/api/v1/documents', { body: document });
    expect(made.status).toBe(201);
    const { id, identifier } = (await made.json()) as DocumentView;
    expect(identifier).toBe('H99,2026/01/26,128/QĐ-UBND');
    const uploaded = await call(
      'POST',
      `/api/v1/documents/${id}/files?kind=issued&name=${encodeURIComponent('128_QĐ-UBND.pdf')}`,
      { raw: PDF },
    );
    expect(uploaded.status).toBe(201);
    const file = (await uploaded.json()) as DocumentFileView;
    expect(file).toMatchObject({ name: '128_QĐ-UBND.pdf', size: PDF.length, kind: 'issued' });
    const content = await call('GET', `/api/v1/documents/${id}/files/${file.id}/content`);
    expect(content.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(Buffer.from(await content.arrayBuffer())).toEqual(PDF);

    const hung = await OfficialAtWork.signIn(url, 'hungnv@caoson.gov.vn', PASSWORD);
    const message = await hung.build(
      {
        from: { email: 'hungnv@caoson.gov.vn' },
        to: [{ email: 'vulh@caoson.gov.vn' }],
        subject: 'Gửi quyết định',
        text: 'Kính gửi.',
        date: new Date(),
        messageId: 'e1@caoson.gov.vn',
        attachments: [{ name: 'khac-ten.pdf', type: 'application/pdf', bytes: PDF }],
      },
      { sign: false },
    );
    await hung.submit(message);
    await until('both webhooks', async () => hook.calls.length >= 2);
    expect(hook.calls.map((c) => (JSON.parse(c.body) as { type: string }).type).sort()).toEqual([
      'document.received',
      'document.sent',
    ]);
    for (const told of hook.calls) {
      expect(told.headers['webhook-signature']).toBe(expectedSignature(created.secret, told));
      expect(JSON.parse(told.body)).toMatchObject({ data: { document: { id, externalId: 'VB-2026-88213' } } });
    }
    const { correspondence } = (await (await call('GET', `/api/v1/documents/${id}/correspondence`)).json()) as {
      correspondence: CorrespondenceRow[];
    };
    expect(correspondence).toMatchObject([
      { subject: 'Gửi quyết định', match: 'same', verdict: 'unsigned', receivedCount: 1, open: null },
    ]);
    const found = (await (await call('GET', '/api/v1/documents?q=128%20qd%20ubnd')).json()) as {
      documents: { id: number }[];
    };
    expect(found.documents.map((d) => d.id)).toEqual([id]);
    await hook.stop();
  });

  const large = new Uint8Array(100_001);
  it.each([
    ['a wrong key', 401, 'api_key.unknown', () => call('GET', '/api/v1/documents', { key: 'cv_wrong' })],
    ['no key', 401, 'sign_in.required', () => fetch(`${url}/api/v1/documents`)],
    [
      'a key without the scope',
      403,
      'scope.missing',
      () => call('POST', '/api/v1/documents', { key: keys.reader, body: document }),
    ],
    [
      'a number that is printed otherwise',
      400,
      'document.number_malformed',
      () => call('POST', '/api/v1/documents', { body: { ...document, numberNotation: '45 / SKHCN-CĐS' } }),
    ],
    [
      'a missing field',
      400,
      'request.invalid',
      () => call('POST', '/api/v1/documents', { body: { ...document, subject: undefined } }),
    ],
    ['JSON that is none', 400, 'request.malformed', () => call('POST', '/api/v1/documents', { body: '{"a":' })],
    [
      'a secret document',
      403,
      'document.secret_refused',
      () => call('POST', '/api/v1/documents', { body: { ...document, numberNotation: '01/BC-TTT', secrecy: 'mat' } }),
    ],
    ['a number that is taken', 409, 'document.duplicate', () => call('POST', '/api/v1/documents', { body: document })],
    [
      'a file over the limit',
      413,
      'document.file_too_large',
      () => call('POST', '/api/v1/documents/1/files?kind=issued&name=a.pdf', { raw: large }),
    ],
    ['a document of nobody', 404, 'document.not_found', () => call('GET', '/api/v1/documents/999999')],
    ['an id that is none', 400, 'request.invalid', () => call('GET', '/api/v1/documents/1%20or%201=1')],
  ])('gets %s answered with problem+json and nothing changed', async (_, status, code, request) => {
    const count = async () =>
      ((await (await call('GET', '/api/v1/documents?limit=200')).json()) as { documents: unknown[] }).documents.length;
    const before = await count();
    const response = await request();
    const text = await response.text();
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status,
      type: 'application/problem+json',
    });
    expect((JSON.parse(text) as Problem).code).toBe(code);
    expect(text).not.toContain('at Object');
    expect(await count()).toBe(before);
  });
});
