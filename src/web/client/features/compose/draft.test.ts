import { describe, expect, it } from 'vitest';
import { isEmpty, mentionsFile, problems, type Attachment, type Draft } from './draft.ts';
import { parseRecipients } from './recipients.ts';

const file: Attachment = {
  key: 'f1',
  name: 'a.pdf',
  type: 'application/pdf',
  size: 10,
  blob: new Blob(['x']),
  state: 'ready',
  progress: 1,
};
const draft: Draft = {
  accountId: 'a1',
  identityId: 'i1',
  to: parseRecipients('a@x.vn'),
  cc: [],
  bcc: [],
  subject: 'V/v',
  text: 'Kính gửi',
  html: undefined,
  attachments: [],
  inReplyTo: [],
  references: [],
  sign: true,
};
const codes = (change: Partial<Draft>, max = 1000): string[] =>
  problems({ ...draft, ...change }, max).map(({ code }) => code);

describe('before sending', () => {
  it('a complete message has no problem', () => expect(codes({})).toEqual([]));
  it('recipients are needed, in any of the three fields', () => {
    expect(codes({ to: [] })).toEqual(['noRecipients']);
    expect(codes({ to: [], bcc: parseRecipients('b@x.vn') })).toEqual([]);
  });
  it('an invalid address stops it and is named', () => {
    const found = problems({ ...draft, cc: parseRecipients('ai đó') }, 1000);
    expect(found).toEqual([{ level: 'error', code: 'invalidRecipients', detail: 'ai đó' }]);
  });
  it('waits for files and does not lose failed ones', () => {
    expect(codes({ attachments: [{ ...file, state: 'loading' }] })).toEqual(['filesLoading']);
    expect(codes({ attachments: [{ ...file, state: 'failed' }] })).toEqual(['filesFailed']);
  });
  it('counts the growth of base64', () =>
    expect(codes({ attachments: [{ ...file, size: 800 }] })).toEqual(['tooLarge']));
  it('asks about an empty subject and a forgotten file', () => {
    expect(codes({ subject: ' ' })).toEqual(['noSubject']);
    expect(codes({ text: 'Xin gửi đính kèm báo cáo' })).toEqual(['forgotFile']);
    expect(codes({ text: 'Xin gửi đính kèm báo cáo', attachments: [file] })).toEqual([]);
  });
});
describe('a forgotten file', () => {
  it.each([
    'Tôi gửi kèm biểu mẫu',
    'xem tệp ĐÍNH KÈM',
    'danh sách kèm theo',
    'see the attached file',
    'đính kèm'.normalize('NFD'),
  ])('is seen in "%s"', (text) => expect(mentionsFile(text)).toBe(true));
  it('is not seen in what is quoted', () => {
    expect(mentionsFile('Đồng ý.\n> xem đính kèm')).toBe(false);
    expect(mentionsFile('Đồng ý.\n\nVào 22/11/2026, A viết:\nxem đính kèm')).toBe(false);
    expect(mentionsFile('Kính gửi các đồng chí')).toBe(false);
  });
});
it('is empty until something is written or chosen', () => {
  expect(isEmpty({ ...draft, to: [], subject: '', text: ' ' })).toBe(true);
  expect(isEmpty({ ...draft, to: [], subject: '', text: '', attachments: [file] })).toBe(false);
});
