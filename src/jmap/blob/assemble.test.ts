/** congvu:Blob/assemble: exactly the octets that were meant, or nothing; only of what the account may read; within the limits. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { sha256 } from '../../base/bytes.ts';
import { openJmap, type Client, type JmapWorld } from '../testing/server.ts';

describe('assembling a blob', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxSizeUpload: 300_000, maxObjectsInSet: 5 } });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  const lines = (bytes: Uint8Array): string =>
    (
      Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\r\n');
  const asked = (parts: unknown[], meant: string, more: Record<string, unknown> = {}) =>
    ['congvu:Blob/assemble', { parts, type: 'message/rfc822', sha256: sha256(Buffer.from(meant)), ...more }] as const;
  const refusal = (...of: Parameters<typeof asked>): Promise<string> => hung.error(...asked(...of));
  const stored = async (blobId: unknown): Promise<string> =>
    (
      await fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${String(blobId)}/x`, { headers: hung.headers })
    ).text();

  it.each([0, 1, 56, 57, 58, 114, 1000, 200_000])('puts a file of %i octets between the words', async (size) => {
    const file = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7) % 256));
    const blobId = await hung.upload(file, 'application/pdf');
    const meant = `Subject: đầu\r\n\r\n${lines(file)}\r\n--x--\r\n`;
    const parts = [{ text: 'Subject: đầu\r\n\r\n' }, { blobId, encoding: 'base64' }, { text: '\r\n--x--\r\n' }];
    const answer = await hung.call(...asked(parts, meant));
    expect(answer).toMatchObject({ accountId: hung.accountId, type: 'message/rfc822', size: Buffer.byteLength(meant) });
    expect(await stored(answer['blobId'])).toBe(meant);
  });

  it('keeps nothing when other octets come out than were meant', async () => {
    const blobId = await hung.upload('tệp', 'text/plain');
    const parts = [{ text: 'a' }, { blobId, encoding: 'base64' }];
    expect(await refusal(parts, 'b')).toBe('digestMismatch');
    const made = `b${sha256(Buffer.from(`a${lines(Buffer.from('tệp'))}`))}`;
    expect(JSON.parse(await stored(made))).toMatchObject({ status: 404 });
  });

  it("takes no blob of another's, even one whose name is known", async () => {
    const blobId = await jmap.as(jmap.world.people.lan).upload('của Lan', 'text/plain');
    expect(await refusal([{ blobId, encoding: 'base64' }], lines(Buffer.from('của Lan')))).toBe('blobNotFound');
  });

  it('refuses what is more than an upload may be, however it is put together', async () => {
    const blobId = await hung.upload(Buffer.alloc(150_000), 'application/pdf');
    const file = { blobId, encoding: 'base64' };
    expect(await refusal([file, file], '')).toBe('tooLarge');
    expect(await refusal([file, { text: 'x'.repeat(100_000) }], '')).toBe('tooLarge');
    expect(await refusal(Array<unknown>(6).fill({ text: '' }), '')).toBe('requestTooLarge');
  });

  it.each([
    ['no parts', { parts: [] }],
    ['another encoding', { parts: [{ blobId: 'b1', encoding: 'quoted-printable' }] }],
    ['text and blob in one', { parts: [{ text: '', blobId: 'b1', encoding: 'base64' }] }],
    ['a digest that is none', { sha256: 'x' }],
    ['a type that is none', { type: 'a\r\nb' }],
  ])('refuses %s', async (_, more) => {
    expect(await refusal([{ text: 'a' }], 'a', more)).toBe('invalidArguments');
  });
});
