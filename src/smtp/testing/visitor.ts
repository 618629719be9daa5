/** Somebody outside who talks to the server for incoming mail. */
import { expect } from 'vitest';

import { dialogue, type Dialogue } from './dialogue.ts';
import type { SmtpServers } from './servers.ts';

export async function talk(servers: SmtpServers): Promise<Dialogue & { greeting: string }> {
  const peer = await dialogue(servers.mxPort);
  const greeting = await peer.hear();
  return { ...peer, greeting };
}

/** Up to DATA's 354. */
export async function openData(servers: SmtpServers, to = servers.people.hung.address): ReturnType<typeof talk> {
  const peer = await talk(servers);
  await peer.say('EHLO bo.example');
  await peer.say('MAIL FROM:<lan@bo.example>');
  await peer.say(`RCPT TO:<${to}>`);
  expect(await peer.say('DATA')).toMatch(/^354/);
  return peer;
}

export const inbox = (servers: SmtpServers): Promise<string[]> => servers.inbox(servers.people.hung.accountId);
