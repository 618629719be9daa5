/** Mail programs ask how to reach us: Thunderbird's config-v1.1.xml and Outlook's autodiscover (POX). */
import { Hono } from 'hono';

import type { MailServiceView } from '../../base/api-types.ts';
import { splitAddress } from '../../directory/addresses.models.ts';
import { bodyLimit } from './body-limit.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { escapeXml, mailServices } from './mail-services.ts';

export function autoconfigRoutes({
  directory,
  settings,
  hostname,
}: Pick<WebDeps, 'directory' | 'settings' | 'hostname'>): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const services = mailServices(settings);
  const xml = (body: string) =>
    new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, {
      headers: { 'Content-Type': 'application/xml; charset=utf-8', 'Cache-Control': 'no-store' },
    });

  for (const path of ['/.well-known/autoconfig/mail/config-v1.1.xml', '/mail/config-v1.1.xml']) {
    app.get(path, () => xml(thunderbird(directory.domain, hostname, services)));
  }
  for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
    app.post(path, bodyLimit(16_384), async (c) => {
      const asked = /<EMailAddress>\s*([^<\s]{3,320})\s*<\/EMailAddress>/i.exec(await c.req.text())?.[1] ?? '';
      const domain = splitAddress(asked)?.domain ?? '';
      return xml(directory.isLocalDomain(domain) ? outlook(asked, hostname, services) : outlookError());
    });
  }
  return app;
}

function thunderbird(domain: string, hostname: string, services: readonly MailServiceView[]): string {
  const server = ({ protocol, port, security }: MailServiceView) => {
    const tag = protocol === 'imap' ? 'incomingServer' : 'outgoingServer';
    const inside = `<hostname>${escapeXml(hostname)}</hostname><port>${port}</port><socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>`;
    return `<${tag} type="${protocol}">${inside}<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></${tag}>`;
  };
  const names = `<domain>${escapeXml(domain)}</domain><displayName>Công Vụ ${escapeXml(domain)}</displayName><displayShortName>Công Vụ</displayShortName>`;
  return `<clientConfig version="1.1"><emailProvider id="${escapeXml(domain)}">${names}${services.map(server).join('')}</emailProvider></clientConfig>`;
}

const POX = 'http://schemas.microsoft.com/exchange/autodiscover';

function outlook(address: string, hostname: string, services: readonly MailServiceView[]): string {
  const protocol = ({ protocol: type, port, security: kind }: MailServiceView) => {
    const security = kind === 'tls' ? '<SSL>on</SSL>' : '<SSL>off</SSL><Encryption>TLS</Encryption>';
    const smtp = type === 'smtp' ? '<UsePOPAuth>on</UsePOPAuth><SMTPLast>off</SMTPLast>' : '';
    return `<Protocol><Type>${type.toUpperCase()}</Type><Server>${escapeXml(hostname)}</Server><Port>${port}</Port><DomainRequired>off</DomainRequired><LoginName>${escapeXml(address)}</LoginName><SPA>off</SPA>${security}<AuthRequired>on</AuthRequired>${smtp}</Protocol>`;
  };
  const account = `<Account><AccountType>email</AccountType><Action>settings</Action>${services.map(protocol).join('')}</Account>`;
  return `<Autodiscover xmlns="${POX}/responseschema/2006"><Response xmlns="${POX}/outlook/responseschema/2006a">${account}</Response></Autodiscover>`;
}

function outlookError(): string {
  return `<Autodiscover xmlns="${POX}/responseschema/2006"><Response><Error><ErrorCode>600</ErrorCode><Message>Invalid Request</Message><DebugData/></Error></Response></Autodiscover>`;
}
