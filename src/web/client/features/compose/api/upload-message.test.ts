import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../lib/http.ts';
import { JmapError } from '../../../lib/jmap/client.ts';
import { unsignedMessage } from '../../../lib/mail/build.ts';
import { base64Lines } from '../../../lib/mail/encode.ts';
import { fakeClient, type FakeClient } from '../../../testing/fake-client.ts';
import { partsOf, uploadMessage, type FileThere, type MessagePart } from './upload-message.ts';

const octets = (size: number, seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, i) => (i * seed + (i >> 8)) % 256);
const FILES = [octets(40_000, 7), octets(100, 3), octets(57 * 1000, 11)];
const there: FileThere[] = FILES.map((bytes, n) => ({ blobId: `B${n}`, blob: new Blob([bytes]) }));
const message = (): Uint8Array =>
  unsignedMessage({
    from: { email: 'a@b.vn' },
    to: [{ email: 'c@d.vn' }],
    subject: 'Kế hoạch',
    text: 'Kính gửi',
    date: new Date(0),
    messageId: '1@b.vn',
    attachments: FILES.map((bytes, n) => ({ name: `${n}.bin`, type: 'application/octet-stream', bytes })),
  });

/** What the server would make of the parts. */
const joined = (parts: readonly MessagePart[]): string =>
  parts
    .map((part) =>
      'text' in part ? part.text : new TextDecoder().decode(base64Lines(FILES[Number(part.blobId.slice(1))]!)),
    )
    .join('');

const clientWith = (answer: unknown): FakeClient =>
  fakeClient(() => answer, 'WHOLE', answer instanceof ApiError ? answer : undefined);

describe('a message whose files are on the server', () => {
  it('is told as text and files, and is the same octets again; what is small goes with the text', async () => {
    const bytes = message();
    const parts = await partsOf(bytes, there);
    expect(parts.map((part) => ('text' in part ? 'text' : part.blobId))).toEqual(['text', 'B0', 'text', 'B2', 'text']);
    expect(joined(parts)).toBe(new TextDecoder().decode(bytes));
  });

  it('goes up without them, with the digest of what was signed', async () => {
    const fake = clientWith({ blobId: 'MADE' });
    const bytes = message();
    expect(await uploadMessage(fake.client, 'a1', bytes, there, () => undefined)).toBe('MADE');
    expect(fake.uploads).toBe(0);
    const sent = JSON.stringify(fake.calls);
    expect(sent.length).toBeLessThan(3000);
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(bytes))).toString('hex');
    expect(fake.calls[0]?.[1]).toMatchObject({ accountId: 'a1', type: 'message/rfc822', sha256: digest });
  });

  it.each([
    ['the server makes something else of it', new JmapError('digestMismatch')],
    ['the server does not know how', new JmapError('unknownMethod')],
    ['its text is more than a request may be', new ApiError('http.400', 400)],
  ])('goes up whole when %s', async (_, error) => {
    const fake = clientWith(error);
    expect(await uploadMessage(fake.client, 'a1', message(), there, () => undefined)).toBe('WHOLE');
  });

  it('does not try the long way when nobody answers', async () => {
    const fake = clientWith(new ApiError('network', 0));
    await expect(uploadMessage(fake.client, 'a1', message(), there, () => undefined)).rejects.toThrow();
    expect(fake.uploads).toBe(0);
  });

  it('goes up whole at once when no file is worth it or none is found in it', async () => {
    for (const files of [[], [there[1]!], [{ blobId: 'B9', blob: new Blob([octets(50_000, 13)]) }]]) {
      const fake = clientWith({ blobId: 'MADE' });
      expect(await uploadMessage(fake.client, 'a1', message(), files, () => undefined)).toBe('WHOLE');
      expect(fake.calls).toEqual([]);
    }
  });
});
