import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { code } from '../base/testing/code.ts';
import type { DocumentId } from '../base/ids.ts';
import {
  attachment,
  delivery,
  input,
  openDocuments,
  pdf,
  summary,
  system,
  type DocumentParts,
} from './testing/parts.ts';
import { sha256 } from '../base/bytes.ts';

describe.each(dialects)('documents on $dialect', ({ open }) => {
  let parts: DocumentParts;
  beforeAll(async () => {
    parts = await openDocuments(open, { maxFileBytes: 200_000, maxFiles: 3 });
  });
  afterAll(() => parts.dispose());

  it('registers a document with its number as printed and finds it by number, notation and abstract', async () => {
    const made = await parts.documents.create(system, input());
    expect(made).toMatchObject({
      identifier: 'H99,2026/11/20,1427/UBND-KGVX',
      unitCode: 'H99',
      status: 'draft',
      urgency: 'hoa_toc',
      recipients: [{ code: 'H99.02', name: 'Đơn vị H99.02' }],
    });
    for (const q of ['1427', '1427 ubnd kgvx', 'thu dien tu cong vu', 'Trịnh Khải', 'UBND-KGVX 1427', 'trien kha']) {
      expect(
        (await parts.documents.search(system, { q })).rows.map((r) => r.id),
        q,
      ).toEqual([made.id]);
    }
    expect((await parts.documents.search(system, { q: '1428' })).rows).toEqual([]);
    expect(await code(parts.documents.create(system, input()))).toBe('document.duplicate');
  });

  it('takes the next number of the register when none is given, gapless also for many at once', async () => {
    const notation = { numberNotation: undefined, codeNotation: 'KH-STC', unitCode: 'H99.02', issuerCode: 'H99.02' };
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        parts.documents.create(system, input({ ...notation, subject: `Kế hoạch ${i}` })),
      ),
    );
    expect(made.map((d) => d.numberNotation).sort()).toEqual(
      Array.from({ length: 12 }, (_, i) => `${String(i + 1).padStart(2, '0')}/KH-STC`).sort(),
    );
    const failed = await code(parts.documents.create(system, input({ ...notation, codeNotation: 'kh stc' })));
    expect(failed).toBe('document.number_malformed');
    expect((await parts.documents.create(system, input(notation))).numberNotation).toBe('13/KH-STC');
  });

  it('counts arrival numbers by the year of arrival', async () => {
    const incoming = { direction: 'den', unitCode: 'H99.06', issuerCode: 'H99.02', arrivalDate: '2026-11-21' } as const;
    const first = await parts.documents.create(system, input({ ...incoming, numberNotation: '31/SNV-VP' }));
    const second = await parts.documents.create(system, input({ ...incoming, numberNotation: '32/SNV-VP' }));
    const next = await parts.documents.create(
      system,
      input({ ...incoming, numberNotation: '33/SNV-VP', arrivalDate: '2027-01-02' }),
    );
    expect([first, second, next].map((d) => [d.arrivalNumber, d.status])).toEqual([
      [1, 'issued'],
      [2, 'issued'],
      [1, 'issued'],
    ]);
  });

  it('refuses what is marked secret and keeps nothing of it', async () => {
    expect(
      await code(
        parts.documents.create(system, input({ secrecy: 'mat', numberNotation: '01/BC-TTT', subject: 'BIMAT' })),
      ),
    ).toBe('document.secret_refused');
    expect((await parts.documents.search(system, { q: 'BIMAT' })).rows).toEqual([]);
  });

  it('keeps versions of files with their hash, and becomes issued with its issued file', async () => {
    const document = await parts.documents.create(system, input({ numberNotation: '200/UBND-TH' }));
    const id = document.id as DocumentId;
    await parts.documents.addFile(system, id, {
      kind: 'draft',
      name: 'du thao.docx',
      type: 'application/msword',
      bytes: Buffer.from('x'),
    });
    const file = await parts.issue(id, 'toàn văn', '../../etc/200_UBND-TH.signed.pdf');
    expect(file).toMatchObject({
      version: 2,
      kind: 'issued',
      name: '200_UBND-TH.signed.pdf',
      sha256: sha256(pdf('toàn văn')),
    });
    const view = await parts.documents.get(system, id);
    expect(view).toMatchObject({ status: 'issued', files: [{ version: 2 }, { version: 1 }] });
    const read = await parts.documents.fileContent(system, id, file.id);
    expect(Buffer.from(read.bytes)).toEqual(pdf('toàn văn'));
    expect(await code(parts.documents.fileContent(system, id, 99_999))).toBe('document.file_not_found');
    const large = { kind: 'attachment', name: 'a', type: 'text/plain', bytes: new Uint8Array(200_001) } as const;
    expect(await code(parts.documents.addFile(system, id, large))).toBe('document.file_too_large');
    await parts.documents.addFile(system, id, { ...large, bytes: new Uint8Array(150_000) });
    expect(await code(parts.documents.addFile(system, id, { ...large, bytes: new Uint8Array(1) }))).toBe(
      'document.too_many_files',
    );
  });

  it('shows a document to its unit, to the divisions below that keep no register, to those addressed, and to no other', async () => {
    const inOffice = await parts.official('H99.06', 'chuyen_vien');
    const inDivision = await parts.official('H99.06.02', 'chuyen_vien', 'Phan Thuỳ Dương');
    const elsewhere = await parts.official('H99.02', 'chuyen_vien', 'Tạ Vĩnh Kỳ');
    const draft = await parts.documents.create(
      system,
      input({ unitCode: 'H99.06', issuerCode: 'H99.06', numberNotation: '45/SKHCN-CĐS' }),
    );
    const id = draft.id as DocumentId;
    expect((await parts.documents.get(inOffice, id)).id).toBe(id);
    expect((await parts.documents.get(inDivision, id)).id).toBe(id);
    expect(await code(parts.documents.get(elsewhere, id))).toBe('document.not_found');
    await parts.issue(id, 'phát hành', '45_SKHCN-CDS.signed.pdf');
    expect((await parts.documents.get(elsewhere, id)).id).toBe(id);
    expect(
      await code(parts.documents.create(elsewhere, input({ unitCode: 'H99.02', numberNotation: '77/SNV-VP' }))),
    ).toBe('document.forbidden');
    const clerk = await parts.official('H99.02', 'van_thu', 'Bùi Thị Thanh Thuý');
    expect(
      (await parts.documents.create(clerk, input({ unitCode: 'H99.02', numberNotation: '77/SNV-VP' }))).unitCode,
    ).toBe('H99.02');
    expect(await code(parts.documents.create(clerk, input({ unitCode: 'H99.06', numberNotation: '77/SNV-VP' })))).toBe(
      'document.forbidden',
    );
  });

  it('shows it to who received its very file by mail, with no more than their own correspondence, and not to who only claims it', async () => {
    const outsider = await parts.official('H99.02', 'chuyen_vien', 'Mạc Thị Xuân');
    const { id } = await parts.documents.create(
      system,
      input({ unitCode: 'H99.06', issuerCode: 'H99.06', numberNotation: '46/SKHCN-CĐS', recipientCodes: [] }),
    );
    await parts.issue(id, 'bốn sáu', '46_SKHCN-CDS.signed.pdf');
    const mail = async (name: string, text: string, accountId: number) => {
      const recognised = await parts.documents.recognise({
        summary: summary(),
        attachments: [attachment(pdf(text), { name: '46_SKHCN-CDS.signed.pdf' })],
      });
      const hash = sha256(Buffer.from(name));
      await parts.db.write((tx) =>
        parts.documents.link(tx, { hash, summary: summary({ subject: name }), recognised }, [
          delivery(accountId, 1, 'received'),
        ]),
      );
      return (await parts.documents.marks([hash])).get(hash);
    };
    expect(await mail('claims it', 'khác', outsider.accountId)).toMatchObject([{ match: 'different', subject: '' }]);
    expect(await code(parts.documents.get(outsider, id as DocumentId))).toBe('document.not_found');
    await mail('to somebody else', 'bốn sáu', 9_999);
    await mail('to them', 'bốn sáu', outsider.accountId);
    expect((await parts.documents.get(outsider, id as DocumentId)).id).toBe(id);
    const { rows } = await parts.documents.correspondence(outsider, id as DocumentId, {});
    expect(rows.map((r) => r.subject).sort()).toEqual(['claims it', 'to them']);
    const clerk = await parts.official('H99.06', 'van_thu', 'Vương Hải Yến');
    expect((await parts.documents.correspondence(clerk, id as DocumentId, {})).rows).toHaveLength(3);
  });

  it('lets an eOffice key do what its scopes and unit allow, with its own documents only', async () => {
    const reader = await parts.key(['documents:read']);
    const writer = await parts.key(['documents:read', 'documents:write']);
    const bound = await parts.key(
      ['documents:write', 'documents:read'],
      (await parts.directory.unit({ code: 'H99.06' }))?.id ?? null,
    );
    expect(await code(parts.documents.create(reader, input({ numberNotation: '300/UBND-A' })))).toBe(
      'document.forbidden',
    );
    const made = await parts.documents.create(writer, input({ numberNotation: '300/UBND-A', externalId: 'VB-1' }));
    expect((await parts.documents.get(writer, made.id as DocumentId)).externalId).toBe('VB-1');
    expect(await code(parts.documents.get(reader, made.id as DocumentId))).toBe('document.not_found');
    expect(await code(parts.documents.create(bound, input({ numberNotation: '301/UBND-A' })))).toBe(
      'document.forbidden',
    );
    expect(
      (await parts.documents.create(bound, input({ unitCode: 'H99.06.02', numberNotation: '302/UBND-A' }))).unitCode,
    ).toBe('H99.06.02');
    expect(
      await code(parts.documents.createWebhook(writer, { url: 'http://127.0.0.1/', events: ['document.sent'] })),
    ).toBe('document.forbidden');
  });

  it('pages through a register without losing or repeating a row', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await parts.documents.search(system, { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.rows.map((r) => r.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await parts.documents.search(system, { limit: 200 })).rows.length);
    expect(await code(parts.documents.search(system, { cursor: "' or 1=1" }))).toBe('document.cursor_malformed');
    const registers = await parts.documents.registers(system);
    expect(registers.find((r) => r.unitCode === 'H99.02')).toMatchObject({
      direction: 'di',
      year: 2026,
      documentCount: 14,
    });
  });
});
