/** Messages that the server itself writes or adds to. The bytes of a message that came in are never changed, only preceded. */
import { sha256Text } from '../base/bytes.ts';
import type { Millis } from '../base/ids.ts';

import { encodeAddress, encodeText, headerLine } from './encode-words.ts';
import { readHeaderFields } from './header-fields.ts';
import { decodeHeaderText, findField } from './header.ts';
import { rfc5322Date } from './imap-structure.ts';
import { defaultMessageLimits, type Address } from './types.ts';
import { tidy } from './words.ts';

/** Puts header lines before the message (Return-Path, Received, Authentication-Results). Each may be folded; line ends are set here. */
export function withTrace(bytes: Uint8Array, lines: readonly string[]): Uint8Array {
  const front = lines.map(
    (line) =>
      `${line
        .replace(/\r?\n?$/, '')
        .replace(/\r?\n(?![ \t])/g, ' ')
        .replace(/\r?\n/g, '\r\n')}\r\n`,
  );
  return Buffer.concat([Buffer.from(front.join(''), 'utf8'), bytes]);
}

/** RFC 3464 §2.3; `status` is RFC 3463's enhanced code. */
export interface ReportRecipient {
  address: string;
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  status: string;
  /** As MAIL's ORCPT gave it, xtext decoded: "rfc822;a@b". */
  orcpt?: string | null;
  /** The other server's words. */
  reply?: string | null;
  remoteMta?: string | null;
  willRetryUntil?: Millis;
}

export interface DeliveryReportInput {
  from: Address;
  to: string;
  /** Host name of the server that reports. */
  reportingMta: string;
  date: Millis;
  arrivedAt: Millis;
  envelopeId?: string;
  recipients: readonly ReportRecipient[];
  /** The whole message, or its header only (RFC 3462 §1). */
  original: { message: Uint8Array } | { header: Uint8Array };
  /** Minutes east of UTC in which people read times; Việt Nam when absent. */
  zone?: number;
}

const VIETNAM = 7 * 60;

/** RFC 3464 multipart/report: words for people in Vietnamese and English, fields for programs, what was sent. */
export function buildDeliveryReport(input: DeliveryReportInput): Uint8Array {
  const zone = input.zone ?? VIETNAM;
  const whole = 'message' in input.original;
  const original = 'message' in input.original ? input.original.message : input.original.header;
  const subject = subjectOf(original);
  const human = Buffer.from(humanText(input, subject, zone), 'utf8')
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  const status = statusFields(input, zone);
  const id = sha256Text([input.to, input.date, input.reportingMta, status, subject].join('\0')).slice(0, 40);
  const boundary = `=_report_${id}`;
  const eightBit = original.some((octet) => octet > 127);
  const front = [
    headerLine('From', encodeAddress(input.from)),
    headerLine('To', encodeAddress({ name: null, email: input.to })),
    headerLine(
      'Subject',
      encodeText(
        `${title(input.recipients).vi} / ${title(input.recipients).en}${subject === '' ? '' : `: ${subject.slice(0, 200)}`}`,
      ),
    ),
    headerLine('Date', rfc5322Date(input.date, zone)),
    headerLine('Message-ID', `<${id}@${tidy(input.reportingMta)}>`),
    // RFC 3834 §5: no robot may answer this.
    'Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n\r\n`,
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${human}\r\n`,
    `--${boundary}\r\nContent-Type: message/delivery-status\r\n\r\n${status}`,
    `--${boundary}\r\nContent-Type: ${whole ? 'message/rfc822' : 'text/rfc822-headers'}\r\n`,
    `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}\r\n\r\n`,
  ].join('');
  return Buffer.concat([Buffer.from(front, 'latin1'), original, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

function subjectOf(original: Uint8Array): string {
  const fields = readHeaderFields(original, 0, original.length, defaultMessageLimits);
  return decodeHeaderText(findField(fields, 'subject')?.raw ?? '');
}

function title(recipients: readonly ReportRecipient[]): { vi: string; en: string } {
  const actions = new Set(recipients.map(({ action }) => action));
  if (actions.has('failed')) return { vi: 'Không gửi được thư', en: 'Message not delivered' };
  if (actions.has('delayed')) return { vi: 'Thư đang chậm', en: 'Message delayed' };
  return { vi: 'Thư đã được giao', en: 'Message delivered' };
}

const SAID = {
  failed: { vi: 'không gửi được, máy chủ không thử lại nữa', en: 'could not be delivered, no further attempts' },
  delayed: { vi: 'chưa gửi được, máy chủ vẫn đang thử lại', en: 'not delivered yet, attempts go on' },
  delivered: { vi: 'đã giao vào hộp thư', en: 'delivered to the mailbox' },
  relayed: {
    vi: 'đã chuyển cho máy chủ khác, nơi đó không báo lại',
    en: 'passed on to a server that sends no reports',
  },
  expanded: { vi: 'đã chuyển cho các thành viên của nhóm', en: 'passed on to the members of the group' },
} as const;

function humanText(input: DeliveryReportInput, subject: string, zone: number): string {
  const arrived = rfc5322Date(input.arrivedAt, zone);
  const block = (language: 'vi' | 'en'): string => {
    const words =
      language === 'vi'
        ? {
            head: title(input.recipients).vi,
            subject: 'Trích yếu',
            at: 'Máy chủ nhận lúc',
            reply: 'Máy chủ trả lời',
            until: 'Thử lại đến',
          }
        : {
            head: title(input.recipients).en,
            subject: 'Subject',
            at: 'Accepted at',
            reply: 'Answer',
            until: 'Attempts until',
          };
    const lines = [`${words.head}.`, `${words.subject}: ${subject}`, `${words.at}: ${arrived}`, ''];
    for (const recipient of input.recipients) {
      lines.push(`- ${tidy(recipient.address)}: ${SAID[recipient.action][language]}.`);
      if (recipient.reply)
        lines.push(
          `  ${words.reply}${recipient.remoteMta ? ` (${tidy(recipient.remoteMta)})` : ''}: ${tidy(recipient.reply).slice(0, 1000)}`,
        );
      if (recipient.willRetryUntil !== undefined)
        lines.push(`  ${words.until}: ${rfc5322Date(recipient.willRetryUntil, zone)}`);
    }
    return lines.join('\r\n');
  };
  return `${block('vi')}\r\n\r\n-- \r\n\r\n${block('en')}\r\n`;
}

/** RFC 3464 §2: a group of fields for the message, then one for each recipient. */
function statusFields(input: DeliveryReportInput, zone: number): string {
  const groups: [string, string | undefined][][] = [
    [
      ['Original-Envelope-Id', input.envelopeId],
      ['Reporting-MTA', `dns; ${input.reportingMta}`],
      ['Arrival-Date', rfc5322Date(input.arrivedAt, zone)],
    ],
    ...input.recipients.map((recipient): [string, string | undefined][] => [
      ['Original-Recipient', recipient.orcpt ? recipient.orcpt.replace(/^([^;]*);\s*/, '$1; ') : undefined],
      ['Final-Recipient', addressField(recipient.address)],
      ['Action', recipient.action],
      ['Status', recipient.status],
      ['Remote-MTA', recipient.remoteMta ? `dns; ${recipient.remoteMta}` : undefined],
      ['Diagnostic-Code', recipient.reply ? `smtp; ${recipient.reply}` : undefined],
      [
        'Will-Retry-Until',
        recipient.willRetryUntil === undefined ? undefined : rfc5322Date(recipient.willRetryUntil, zone),
      ],
    ]),
  ];
  return groups
    .map(
      (fields) =>
        `${fields.map(([name, value]) => (value === undefined ? '' : headerLine(name, asciiOnly(value)))).join('')}\r\n`,
    )
    .join('');
}

/** RFC 6533 §3: an address beyond ASCII is written utf-8-addr-xtext, so that the part stays 7-bit. */
function addressField(address: string): string {
  if (!/[^\x20-\x7e]/.test(address)) return `rfc822; ${address}`;
  const escaped = [...tidy(address)].map((char) =>
    /[\x21-\x7e]/.test(char) && !'\\+='.includes(char)
      ? char
      : `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
  return `utf-8; ${escaped.join('')}`;
}

function asciiOnly(value: string): string {
  return tidy(value)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 900);
}
