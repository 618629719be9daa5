import { describe, expect, it } from 'vitest';
import type { EmailBody, EmailRow, Identity } from '../../lib/jmap/types.ts';
import { answerSubject, htmlToText, startDraft } from './answer.ts';

const identity: Identity = {
  id: 'i1',
  name: 'Lê Vân',
  email: 'van@caoson.gov.vn',
  replyTo: null,
  textSignature: '',
  htmlSignature: '',
};
const row = {
  id: 'e1',
  subject: 'Lịch họp',
  from: [{ name: 'Hùng', email: 'hung@caoson.gov.vn' }],
  to: [
    { name: 'Lê Vân', email: 'van@caoson.gov.vn' },
    { name: null, email: 'khanh@caoson.gov.vn' },
  ],
  receivedAt: '2026-11-22T01:00:00Z',
} as EmailRow;
const body = {
  id: 'e1',
  messageId: ['m1@x'],
  references: ['m0@x'],
  inReplyTo: null,
  cc: [{ name: null, email: 'cc@caoson.gov.vn' }],
  replyTo: null,
  textBody: [{ partId: '1', type: 'text/plain' }],
  htmlBody: [],
  attachments: [
    {
      partId: '2',
      blobId: 'b2',
      name: '05_CT-UBND.pdf',
      type: 'application/pdf',
      size: 9,
      'header:X-CongVu-Document:asText': 'H99,2026/01/12,05/CT-UBND',
    },
  ],
  bodyValues: { '1': { value: 'Mời họp\r\n> cũ', isEncodingProblem: false, isTruncated: false } },
} as unknown as EmailBody;
const start = (kind: 'reply' | 'replyAll' | 'forward'): ReturnType<typeof startDraft> =>
  startDraft({ kind, accountId: 'a1', row, body, marks: [] }, 'a1', [identity]);

describe('answering', () => {
  it('goes to the sender, with subject, thread and quotation', () => {
    const { draft } = start('reply');
    expect(draft.to.map(({ email }) => email)).toEqual(['hung@caoson.gov.vn']);
    expect(draft.cc).toEqual([]);
    expect(draft.subject).toBe('Re: Lịch họp');
    expect(draft.inReplyTo).toEqual(['m1@x']);
    expect(draft.references).toEqual(['m0@x', 'm1@x']);
    expect(draft.text).toContain('Vào 22/11/2026 08:00, Hùng viết:\n> Mời họp\n>> cũ');
  });
  it('to all leaves oneself out', () => {
    const { draft } = start('replyAll');
    expect(draft.to.map(({ email }) => email)).toEqual(['hung@caoson.gov.vn', 'khanh@caoson.gov.vn']);
    expect(draft.cc.map(({ email }) => email)).toEqual(['cc@caoson.gov.vn']);
  });
  it('passing on brings the files, and what document they are', () => {
    const { draft, files } = start('forward');
    expect(draft.to).toEqual([]);
    expect(draft.inReplyTo).toEqual([]);
    expect(files).toHaveLength(1);
    expect(files[0]?.document?.numberNotation).toBe('05/CT-UBND');
  });
  it('does not pile up Re: and Fwd:', () => {
    expect(answerSubject('Re: RE: Fwd: Lịch họp', 'Re')).toBe('Re: Lịch họp');
    expect(answerSubject(null, 'Fwd')).toBe('Fwd: ');
  });
});
it('HTML becomes text without running anything', () => {
  expect(htmlToText('<style>p{}</style><p>A &amp; B</p><p>C<br>D&nbsp;&#272;</p><script>x</script>')).toBe(
    'A & B\nC\nD Đ',
  );
});
