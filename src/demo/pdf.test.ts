import { describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { documentPdf } from './pdf.ts';
import { sampleDocuments } from './sample.ts';

describe('the PDF files of the demo', () => {
  it('are the same bytes at every start, with the pages that the register says', async () => {
    const names = new Map([['H99.02', 'Sở Nội vụ']]);
    // The shortest, the longest, one that is urgent.
    for (const document of sampleDocuments().filter((d) => ['D06', 'D16', 'D17'].includes(d.id))) {
      const once = await documentPdf(document, names);
      expect(sha256(await documentPdf(document, names))).toBe(sha256(once));
      const pages =
        Buffer.from(once)
          .toString('latin1')
          .match(/\/Type \/Page\b/g)?.length ?? 0;
      expect(Math.abs(pages - (document.pageAmount ?? 1))).toBeLessThanOrEqual(1);
    }
  });
});
