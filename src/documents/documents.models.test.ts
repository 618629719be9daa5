import { describe, expect, it } from 'vitest';

import { sampleDocuments } from '../demo/sample.ts';
import {
  claimedKeys,
  documentIdentifier,
  numberKey,
  parseNumberNotation,
  printNumberNotation,
  vietnamDate,
} from './documents.models.ts';

describe('số, ký hiệu', () => {
  it.each(sampleDocuments().map((d) => [d.soKyHieu] as const))('%s reads and prints the same', (printed) => {
    const parsed = parseNumberNotation(printed);
    expect(parsed).toBeDefined();
    expect(parsed && printNumberNotation(Number(parsed.codeNumber), parsed.codeNotation, parsed.yearInNumber)).toBe(
      printed,
    );
  });
  it.each(['5/CT-UBND', '45 / SKHCN-CĐS', '45/', '/CT', '45-CT', '45/CT--UBND', '١٢/CT', '45/CT-UBND\n'])(
    '%s is not as the decree wants it',
    (printed) => {
      expect(parseNumberNotation(printed)).toBeUndefined();
    },
  );
  it('reads decomposed letters', () => {
    expect(parseNumberNotation('128/QĐ-UBND'.normalize('NFD'))).toMatchObject({ codeNotation: 'QĐ-UBND' });
  });
  it('pads below ten and puts the year into legal-normative numbers', () => {
    expect(printNumberNotation(5, 'CT-UBND', null)).toBe('05/CT-UBND');
    expect(printNumberNotation(12, 'QĐ-UBND', 2026)).toBe('12/2026/QĐ-UBND');
  });
});

describe('loose matching', () => {
  it.each([
    ['128/QD-UBND', '128/QĐ-UBND'],
    ['5/CT-UBND', '05/CT-UBND'],
    ['45 / skhcn-cds', '45/SKHCN-CĐS'],
  ])('%s means %s', (loose, exact) => {
    expect(numberKey(loose)).toBe(numberKey(exact));
  });
  it.each([
    ['1427_UBND-KGVX.signed.pdf', '1427/UBND-KGVX'],
    ['CV 1427-UBND-KGVX về thư công vụ (1).pdf', '1427/UBND-KGVX'],
    ['12_2026_QD-UBND.signed.pdf', '12/2026/QĐ-UBND'],
    ['5.CT.UBND.pdf', '05/CT-UBND'],
  ])('the file name %s claims %s', (name, printed) => {
    expect(claimedKeys(name)).toContain(numberKey(printed));
  });
  it.each(['bao cao thang 11.pdf', 'IMG_2026.jpg', '.pdf', ''])(
    'the file name %s claims nothing of a register',
    (name) => {
      expect(claimedKeys(name)).not.toContain(numberKey('1427/UBND-KGVX'));
    },
  );
  it('is bounded for a hostile name', () => {
    expect(claimedKeys('1 a '.repeat(10_000)).length).toBeLessThan(500);
  });
});

it('names a document as edXML does, by the local day', () => {
  expect(documentIdentifier('H99', '2026-01-12', '05/CT-UBND')).toBe('H99,2026/01/12,05/CT-UBND');
  expect(vietnamDate(Date.UTC(2026, 11, 31, 17, 0))).toBe('2027-01-01');
  expect(vietnamDate(Date.UTC(2026, 11, 31, 16, 59))).toBe('2026-12-31');
});
