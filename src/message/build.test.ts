import { describe, expect, it } from 'vitest';

import { buildDeliveryReport, withTrace, type DeliveryReportInput } from './build.ts';
import { decodePart, decodePartText, partByPath } from './content.ts';
import { findField } from './header.ts';
import { parseMessage } from './parse.ts';

const input: DeliveryReportInput = {
  from: { name: 'Hệ thống thư công vụ', email: 'postmaster@caoson.gov.vn' },
  to: 'nhunght@caoson.gov.vn',
  reportingMta: 'mx.caoson.gov.vn',
  date: Date.UTC(2026, 10, 2, 1, 15),
  arrivedAt: Date.UTC(2026, 10, 1, 1, 15),
  envelopeId: 'QQ314159',
  recipients: [
    {
      address: 'x@example.org',
      action: 'failed',
      status: '5.1.1',
      orcpt: 'rfc822;X@example.org',
      reply: '550 5.1.1 no such\r\nuser "đ"',
      remoteMta: 'mx.example.org',
    },
    { address: 'văn@example.org', action: 'delayed', status: '4.4.1', willRetryUntil: Date.UTC(2026, 10, 5) },
  ],
  original: {
    header: Buffer.from(
      'From: nhunght@caoson.gov.vn\r\nSubject: =?utf-8?B?xJDhu4EgbmdoaQ==?=\r\nMessage-ID: <1@a>\r\n',
    ),
  },
};

describe('delivery reports', () => {
  const bytes = buildDeliveryReport(input);
  const { root, summary, header } = parseMessage(bytes);
  const part = (path: string): string => Buffer.from(decodePart(bytes, partByPath(root, path)!)).toString('utf8');

  it('are multipart/report with words, status and header (RFC 3464 §2)', () => {
    expect(root).toMatchObject({ type: 'multipart', subtype: 'report', params: { 'report-type': 'delivery-status' } });
    expect(root.parts?.map(({ type, subtype }) => `${type}/${subtype}`)).toEqual([
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ]);
    expect(summary.from).toEqual([input.from]);
    expect(summary.to).toEqual([{ name: null, email: input.to }]);
    expect(summary.sentAt).toBe(input.date);
    expect(summary.subject).toBe('Không gửi được thư / Message not delivered: Đề nghi');
    expect(findField(header, 'auto-submitted')?.raw).toBe(' auto-replied');
    expect(root.defects).toBeUndefined();
  });

  it('speak Vietnamese and English, with the words of the other server', () => {
    const text = decodePartText(bytes, partByPath(root, '1')!);
    expect(text).toContain('Không gửi được thư.');
    expect(text).toContain('Message not delivered.');
    expect(text).toContain('- văn@example.org: chưa gửi được, máy chủ vẫn đang thử lại.');
    expect(text).toContain('Máy chủ trả lời (mx.example.org): 550 5.1.1 no such user "đ"');
  });

  it('have one group of ASCII fields for the message and one per recipient', () => {
    expect(part('2').trim().split('\r\n\r\n')).toEqual([
      'Original-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mx.caoson.gov.vn\r\nArrival-Date: Sun, 01 Nov 2026 08:15:00 +0700',
      [
        'Original-Recipient: rfc822; X@example.org',
        'Final-Recipient: rfc822; x@example.org',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.example.org',
        'Diagnostic-Code: smtp; 550 5.1.1 no such user "?"',
      ].join('\r\n'),
      'Final-Recipient: utf-8; v\\x{103}n@example.org\r\nAction: delayed\r\nStatus: 4.4.1\r\nWill-Retry-Until: Thu, 05 Nov 2026 07:00:00 +0700',
    ]);
  });

  it('can carry the whole message, octet for octet', () => {
    const original = Buffer.from('Subject: x\r\n\r\n\xc4\x90 --b\r\n', 'latin1');
    const full = buildDeliveryReport({ ...input, original: { message: original } });
    const inside = partByPath(parseMessage(full).root, '3')!;
    expect(inside).toMatchObject({ type: 'message', subtype: 'rfc822', encoding: '8bit' });
    expect(Buffer.from(decodePart(full, inside))).toEqual(original);
  });

  it('lets no recipient, reply or subject write fields of its own', () => {
    const evil = 'x\r\nBcc: evil@x\r\n\r\n<b>';
    const hostile = buildDeliveryReport({
      ...input,
      to: `a@b${evil}`,
      envelopeId: evil,
      reportingMta: `mx${evil}`,
      recipients: [
        {
          address: evil,
          action: 'failed',
          status: `5.0.0${evil}`,
          reply: evil,
          remoteMta: evil,
          orcpt: `rfc822;${evil}`,
        },
      ],
      original: { header: Buffer.from(`Subject: ${evil}`) },
    });
    const parsed = parseMessage(hostile);
    expect(parsed.header.map((field) => field.name.toLowerCase())).not.toContain('bcc');
    expect(Buffer.from(decodePart(hostile, partByPath(parsed.root, '2')!)).toString()).not.toMatch(/^Bcc:/m);
  });
});

describe('trace fields', () => {
  it('stand before the message, whose octets stay', () => {
    const bytes = Buffer.from('Subject: x\n\nbody');
    expect(Buffer.from(withTrace(bytes, ['Return-Path: <a@b>', 'Received: from x\r\n\tby y\r\n'])).toString()).toBe(
      'Return-Path: <a@b>\r\nReceived: from x\r\n\tby y\r\nSubject: x\n\nbody',
    );
    expect(Buffer.from(withTrace(bytes, []))).toEqual(bytes);
  });

  it('cannot smuggle another line in', () => {
    expect(Buffer.from(withTrace(Buffer.from('\r\n'), ['X: a\r\nEvil: b', 'Y: a\nEvil: b'])).toString()).toBe(
      'X: a Evil: b\r\nY: a Evil: b\r\n\r\n',
    );
  });
});
