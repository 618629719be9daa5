import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { mail, openJmap, type Client, type JmapWorld } from '../testing/server.ts';
import { contentDisposition, parseRange } from './download.ts';
import { mediaType } from './media-type.ts';

describe('blobs over HTTP', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxSizeUpload: 200_000, maxConcurrentUpload: 1 } });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());
  const download = (blobId: string, more = 'x', headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/${more}`, {
      method,
      headers: { ...hung.headers, ...headers },
    });

  it.each([0, 1, 5000, 150_000])('%i octets go up and come down', async (size) => {
    const bytes = Buffer.alloc(size, 'áb');
    const response = await fetch(`${jmap.origin}/jmap/upload/${hung.accountId}`, {
      method: 'POST',
      headers: { ...hung.headers, 'Content-Type': 'Text/HTML; Charset="UTF-8"' },
      body: bytes,
    });
    expect(response.status).toBe(201);
    const said = (await response.json()) as { blobId: string };
    expect(said).toMatchObject({
      accountId: hung.accountId,
      type: 'text/html; charset=utf-8',
      size,
      blobId: expect.stringMatching(/^b[0-9a-f]{64}$/) as string,
    });
    expect(Buffer.from(await (await download(said.blobId)).arrayBuffer())).toEqual(bytes);
  });

  it('what is active elsewhere is only saved here', async () => {
    const blobId = await hung.upload('<script>alert(1)</script>', 'text/html');
    const response = await download(blobId, `${encodeURIComponent('Kế hoạch/số 1.html')}?type=text/html`);
    expect(
      Object.fromEntries(
        [
          'content-type',
          'content-disposition',
          'x-content-type-options',
          'content-security-policy',
          'cache-control',
          'content-length',
        ].map((name) => [name, response.headers.get(name)]),
      ),
    ).toEqual({
      'content-type': 'text/html',
      'content-disposition': `attachment; filename="Ke hoach_so 1.html"; filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch_s%E1%BB%91%201.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, immutable, max-age=31536000',
      'content-length': '25',
    });
  });

  it('a type that is none, or would add a header, is not taken', async () => {
    const blobId = await hung.upload('x', 'application/pdf');
    for (const type of ['nonsense', 'a/b%0d%0aX-Evil: 1', ''])
      expect((await download(blobId, `x?type=${type}`)).headers.get('Content-Type')).toBe('application/pdf');
  });

  it('ranges, also of large content and of a part', async () => {
    const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, i) => i % 251));
    const id = await hung.append(
      Buffer.concat([
        mail({ From: 'a@b.vn', 'Content-Type': 'application/octet-stream', 'Content-Transfer-Encoding': 'base64' }, ''),
        Buffer.from(bytes.toString('base64')),
      ]),
    );
    for (const blobId of [await hung.upload(bytes, 'application/octet-stream'), `p${id.split('e')[1]}-1`]) {
      const response = await download(blobId, 'x', { Range: 'bytes=1000-1999' });
      expect([response.status, response.headers.get('Content-Range')]).toEqual([206, 'bytes 1000-1999/150000']);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes.subarray(1000, 2000));
      expect((await download(blobId, 'x', { Range: 'bytes=150000-' })).status).toBe(416);
      const head = await download(blobId, 'x', {}, 'HEAD');
      expect([head.status, head.headers.get('Content-Length')]).toEqual([200, '150000']);
      expect((await download(blobId, 'x', { 'If-None-Match': `"${blobId}"` })).status).toBe(304);
    }
  });

  const post = (body: BodyInit) =>
    fetch(`${jmap.origin}/jmap/upload/${hung.accountId}`, {
      method: 'POST',
      headers: hung.headers,
      body,
      duplex: 'half',
    } as RequestInit);

  it('too much is refused, announced or not', async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (c) => c.enqueue(new Uint8Array(65_536)) });
    for (const body of [Buffer.alloc(200_001), endless]) {
      const response = await post(body);
      expect([response.status, await response.json()]).toEqual([
        413,
        expect.objectContaining({ type: 'urn:ietf:params:jmap:error:limit', limit: 'maxSizeUpload' }),
      ]);
    }
    expect((await post(Buffer.alloc(10))).status).toBe(201);
  });

  it('one upload at a time, as the session says', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const slow = new ReadableStream<Uint8Array>({
      start: (c) => c.enqueue(Uint8Array.of(1)),
      async pull(c) {
        await held;
        c.close();
      },
    });
    const first = post(slow);
    let refused = await post('x');
    while (refused.status === 201) refused = await post('x');
    expect(await refused.json()).toMatchObject({ limit: 'maxConcurrentUpload' });
    finish();
    expect((await first).status).toBe(201);
  });

  it.each([`b${'0'.repeat(64)}`, 'p1-9', 'p99999-1', 'b123', 'x', '..%2f..%2fetc%2fpasswd', `b${'0'.repeat(64)}-1`])(
    '%s is not there',
    async (blobId) => {
      expect((await download(blobId)).status).toBe(404);
    },
  );

  it("knowing a hash of another's mail is no right to it; an upload of the same bytes is", async () => {
    const lan = jmap.as(jmap.world.people.lan);
    const bytes = mail({ From: 'a@b.vn', Subject: 'riêng' });
    const id = await lan.append(bytes);
    const [email] = (await lan.call('Email/get', { ids: [id], properties: ['blobId'] }))['list'] as {
      blobId: string;
    }[];
    expect((await download(email!.blobId)).status).toBe(404);
    expect((await download(`${email!.blobId}-1`)).status).toBe(404);
    expect(await hung.call('Email/parse', { blobIds: [email!.blobId] })).toMatchObject({ notFound: [email!.blobId] });
    expect(await hung.upload(bytes)).toBe(email!.blobId);
    expect((await download(email!.blobId)).status).toBe(200);
  });

  it('an upload that no email took is gone after its time', async () => {
    const kept = await hung.upload(mail({ From: 'x@y.vn', Subject: 'giữ' }));
    const lost = await hung.upload('bỏ', 'text/plain');
    await hung.call('Email/import', {
      emails: { k: { blobId: kept, mailboxIds: { [await hung.mailbox('inbox')]: true } } },
    });
    jmap.world.clock.advance(25 * 3_600_000);
    expect([(await download(kept)).status, (await download(lost)).status]).toEqual([200, 404]);
  });

  it('Blob/copy gives another account its own right (RFC 8620 §6.3)', async () => {
    const nhung = jmap.as(jmap.world.people.nhung);
    const unit = `a${jmap.world.people.unit.accountId}`;
    const blobId = await nhung.upload('chung', 'text/plain');
    const [[, answer] = ['', {}]] = await nhung.request([
      ['Blob/copy', { fromAccountId: nhung.accountId, accountId: unit, blobIds: [blobId, 'b1'] }, 'c'],
    ]);
    expect(answer).toEqual({
      fromAccountId: nhung.accountId,
      accountId: unit,
      copied: { [blobId]: blobId },
      notCopied: { b1: { type: 'notFound' } },
    });
    expect((await fetch(`${jmap.origin}/jmap/download/${unit}/${blobId}/x`, { headers: nhung.headers })).status).toBe(
      200,
    );
  });
});

describe('one range (RFC 9110 §14.1.2)', () => {
  it.each([
    ['bytes=0-499', 1000, [0, 500]],
    ['bytes=500-', 1000, [500, 1000]],
    ['bytes=-200', 1000, [800, 1000]],
    ['bytes=-2000', 1000, [0, 1000]],
    ['bytes=0-9999', 1000, [0, 1000]],
    ['bytes=1000-', 1000, 'unsatisfiable'],
    ['bytes=-0', 1000, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 1000, undefined],
    ['bytes=0-1,3-4', 1000, undefined],
    ['lines=1-2', 1000, undefined],
    ['bytes=-', 1000, undefined],
  ])('%s of %i', (text, size, expected) => expect(parseRange(text, size)).toEqual(expected));
});

describe('file names in Content-Disposition', () => {
  it.each([
    ['a.pdf', `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`],
    ['a"b\\c%.pdf', `attachment; filename="a_b_c_.pdf"; filename*=UTF-8''a%22b_c%25.pdf`],
    ['x\r\nSet-Cookie: a=b', `attachment; filename="x__Set-Cookie: a=b"; filename*=UTF-8''x__Set-Cookie%3A%20a%3Db`],
    ['\u202efdp.exe', `attachment; filename="_fdp.exe"; filename*=UTF-8''_fdp.exe`],
    ['', `attachment; filename="file"; filename*=UTF-8''file`],
    ['đề án.docx', `attachment; filename="de an.docx"; filename*=UTF-8''%C4%91%E1%BB%81%20%C3%A1n.docx`],
  ])('%j', (name, expected) => expect(contentDisposition(name)).toBe(expected));
});

describe('media types', () => {
  it.each([
    ['Text/Plain', 'text/plain'],
    ['text/html; charset=utf-8; x=y', 'text/html; charset=utf-8'],
    ['application/pdf; name="a"', 'application/pdf'],
    ['pdf', undefined],
    ['a/b c', undefined],
    ['a/b\r\nX: y', undefined],
    ['', undefined],
  ])('%j', (text, expected) => expect(mediaType(text)).toBe(expected));
});
