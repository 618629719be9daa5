import { ImapFlow } from 'imapflow';

import type { Installation } from './server.ts';
import { PASSWORD } from './people.ts';

/** A third-party client on our TLS port. */
export async function withImap<T>(
  installation: Pick<Installation, 'ports'>,
  user: string,
  work: (client: ImapFlow) => Promise<T>,
  pass = PASSWORD,
): Promise<T> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: installation.ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass },
    logger: false,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout();
  }
}

/** The newest message of a mailbox, octet for octet. */
export async function newestSource(
  installation: Pick<Installation, 'ports'>,
  user: string,
  mailbox = 'INBOX',
): Promise<Buffer> {
  return withImap(installation, user, async (client) => {
    await client.mailboxOpen(mailbox);
    const message = await client.fetchOne('*', { source: true });
    if (!message || !message.source) throw new Error('no message');
    return message.source;
  });
}
