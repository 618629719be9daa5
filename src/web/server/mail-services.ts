/** Where mail programs reach us: one source for autoconfiguration, the Apple profile and the settings page. */
import type { MailServiceView } from '../../base/api-types.ts';
import type { WebSettings } from './settings.ts';

/** What is offered, the better one of each kind first: TLS from the first octet (RFC 8314 §3). */
export function mailServices(settings: WebSettings): MailServiceView[] {
  const all: MailServiceView[] = [
    { protocol: 'imap', port: settings.imapsPort, security: 'tls' },
    { protocol: 'imap', port: settings.imapPort, security: 'starttls' },
    { protocol: 'smtp', port: settings.submissionsPort, security: 'tls' },
    { protocol: 'smtp', port: settings.submissionPort, security: 'starttls' },
  ];
  return all.filter(({ port }) => port > 0);
}

const replaced: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' };
export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (c) => replaced[c] ?? c);
