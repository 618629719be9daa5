/** What an official sees when the disk has lost the bytes of a message: the truth about that message, and all the others. */
import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { ROW_BYTES } from '../blobs/blob-store.ts';
import { noise, noiseText } from '../blobs/testing/noise.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from './testing/server.ts';

describe('content that the store has lost', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let lost: string;
  let whole: string;
  let withFiles: string;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase);
    hung = jmap.as(jmap.world.people.hung);
    whole = await hung.append(mail({ From: 'a@b.vn', Subject: 'con nguyen' }, 'con day'));
    lost = await hung.append(mail({ From: 'a@b.vn', Subject: 'da mat' }, `dau thu\r\n${noiseText(2 * ROW_BYTES)}`));
    const part = (fields: string, body: string) => `--x\r\n${fields}\r\n\r\n${body}\r\n`;
    const base64 = (octets: Buffer) => octets.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
    const file =
      'Content-Type: application/pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64';
    const parts = [
      part('Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable', 'con day=0A'),
      part(`${file}\r\nX-CongVu-Document: cv-1`, base64(noise(3 * ROW_BYTES, 1))),
      part(file, base64(Buffer.from('abc'))),
      part('Content-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment', 'chú thích'),
    ];
    withFiles = await hung.append(
      mail(
        { From: 'a@b.vn', Subject: 'tep', 'Content-Type': 'multipart/mixed; boundary=x' },
        `${parts.join('')}--x--\r\n`,
      ),
    );
    // Indexed while it was there.
    await hung.call('Email/query', { filter: { text: 'da mat' } });
    await rm(jmap.world.folder, { recursive: true });
  });
  afterAll(() => jmap.dispose());
  const bodies = (...ids: string[]) => ({ ids, properties: ['bodyValues', 'textBody'], fetchTextBodyValues: true });

  it('leaves lists, flags, changes and search as they are', async () => {
    const { ids } = (await hung.call('Email/query', { filter: { text: 'da mat' } })) as { ids: string[] };
    expect(ids).toEqual([lost]);
    const { list } = await hung.call('Email/get', {
      ids: [lost],
      properties: ['subject', 'preview', 'keywords', 'size'],
    });
    expect(list).toEqual([
      expect.objectContaining({ subject: 'da mat', preview: expect.stringMatching(/^dau thu/) as unknown }),
    ]);
    const { notUpdated } = await hung.call('Email/set', { update: { [lost]: { 'keywords/$flagged': true } } });
    expect(notUpdated ?? null).toBeNull();
  });

  it('is said of the message that is asked for, never made up', async () => {
    const [answer] = await hung.request([['Email/get', { accountId: hung.accountId, ...bodies(lost) }, 'c']]);
    expect(answer).toEqual([
      'error',
      { type: 'contentMissing', description: expect.stringMatching(/missing/) as unknown },
      'c',
    ]);
    expect(await hung.error('Email/get', bodies(whole, lost))).toBe('contentMissing');
    const { list } = await hung.call('Email/get', bodies(whole));
    expect(list).toMatchObject([{ bodyValues: { 1: { value: 'con day' } } }]);
  });

  it('hides no text when it is a file; the lost part is named, and nothing else is', async () => {
    const ask = async (id: string) => {
      const { list } = await hung.call('Email/get', {
        ids: [id],
        properties: ['bodyValues', 'attachments', 'congvu:lostParts'],
        bodyProperties: ['partId', 'blobId', 'size', 'header:X-CongVu-Document:asText'],
        fetchAllBodyValues: true,
      });
      return (list as Answer[])[0]!;
    };
    const email = await ask(withFiles);
    expect(email).toMatchObject({
      bodyValues: { 1: { value: 'con day\n' }, 4: { value: 'chú thích' } },
      attachments: [
        { partId: '2', size: 3 * ROW_BYTES, 'header:X-CongVu-Document:asText': 'cv-1' },
        { partId: '3', size: 3 },
        { partId: '4' },
      ],
      'congvu:lostParts': ['2'],
    });
    const [gone, there] = email['attachments'] as { blobId: string }[];
    const download = (blobId: string) =>
      fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/x`, { headers: hung.headers });
    expect((await download(gone!.blobId)).status).toBe(503);
    expect(await (await download(there!.blobId)).text()).toBe('abc');
    expect(await ask(whole)).toMatchObject({ 'congvu:lostParts': [] });
  });

  it('is 503 where it is downloaded, and not the beginning of a file', async () => {
    const { list } = (await hung.call('Email/get', { ids: [lost], properties: ['blobId'] })) as {
      list: { blobId: string }[];
    };
    const response = await fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${list[0]!.blobId}/x`, {
      headers: hung.headers,
    });
    expect([response.status, response.headers.get('Content-Type')]).toEqual([503, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/missing/) as unknown });
  });

  it('is not sent to anybody', async () => {
    const identities = (await hung.call('Identity/get', { ids: null })) as { list: { id: string; email: string }[] };
    const [{ id, email }] = identities.list as [{ id: string; email: string }];
    const envelope = { mailFrom: { email }, rcptTo: [{ email: jmap.world.people.nhung.address }] };
    expect(
      await hung.error('EmailSubmission/set', { create: { s: { identityId: id, emailId: lost, envelope } } }),
    ).toBe('contentMissing');
    expect(await jmap.world.inbox(jmap.world.people.nhung.accountId)).toEqual([]);
  });
});
