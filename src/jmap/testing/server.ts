/** JMAP on a real socket over the small province of delivery's tests: real database, directory, mail store, delivery. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { serve } from '@hono/node-server';
import * as v from 'valibot';

import type { TestDatabase } from '../../../test/support/databases.ts';
import { mail, openWorld, type Person, type World } from '../../delivery/testing/world.ts';
import type { JmapParts, OfficialPrincipal } from '../context.ts';
import { capabilities } from '../capabilities.ts';
import type { Invocation } from '../core/references.ts';
import { accountIds, objectIds } from '../../base/object-ids.ts';
import { createJmap } from '../jmap.ts';
import { jmapSettings, type JmapSettings } from '../settings.ts';
import type { EmailId } from '../../base/ids.ts';
import type { MailboxRole } from '../../mailstore/types.ts';

export interface JmapWorldOptions {
  settings?: Partial<JmapSettings>;
  parts?: Partial<JmapParts>;
  world?: Parameters<typeof openWorld>[1];
}

export type Answer = Record<string, unknown>;

export async function openJmap(open: () => Promise<TestDatabase>, options: JmapWorldOptions = {}) {
  const world = await openWorld(open, options.world);
  const signedOut = new Set<number>();
  let listeners = 0;
  const counting = {
    ...world.mailstore,
    subscribe(...args: Parameters<World['mailstore']['subscribe']>) {
      const end = world.mailstore.subscribe(...args);
      listeners++;
      return () => {
        listeners--;
        end();
      };
    },
  };
  const settings = v.parse(jmapSettings, { pushDelay: 5, authservId: 'mx.caoson.gov.vn', ...options.settings });
  const app = createJmap({
    ...world,
    mailstore: counting,
    settings,
    queueStatus: (outboundId) => world.queue.list({ outboundId }),
    authenticate: (request) => Promise.resolve(principalOf(world, request, signedOut)),
    ...options.parts,
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await new Promise((resolve) => (server.listening ? resolve(undefined) : server.once('listening', resolve)));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    world,
    app,
    origin,
    settings,
    signedOut,
    listeners: () => listeners,
    as: (person: Person) => client(world, origin, person),
    async dispose() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.dispose();
    },
  };
}
export type JmapWorld = Awaited<ReturnType<typeof openJmap>>;

export const tokenOf = (person: Person): string => `official-${person.officialId}`;

function principalOf(world: World, request: Request, signedOut: ReadonlySet<number>): OfficialPrincipal | undefined {
  const token = /^Bearer official-(\d+)$/.exec(request.headers.get('Authorization') ?? '')?.[1];
  const people = [world.people.hung, world.people.nhung, world.people.lan];
  const person = people.find((p) => p.officialId === Number(token));
  if (!person || signedOut.has(person.officialId)) return undefined;
  return { kind: 'official', officialId: person.officialId, accountId: person.accountId, roles: [], via: 'session' };
}

const allCapabilities = Object.values(capabilities);

function client(world: World, origin: string, person: Person) {
  const accountId = accountIds.print(person.accountId);
  const headers = { Authorization: `Bearer ${tokenOf(person)}` };
  const post = (body: BodyInit, contentType = 'application/json') =>
    fetch(`${origin}/jmap/api`, { method: 'POST', headers: { ...headers, 'Content-Type': contentType }, body });
  const request = async (
    methodCalls: Invocation[],
    using: readonly string[] = allCapabilities,
  ): Promise<Invocation[]> => {
    const response = await post(JSON.stringify({ using, methodCalls }));
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return ((await response.json()) as { methodResponses: Invocation[] }).methodResponses;
  };
  return {
    accountId,
    headers,
    person,
    post,
    request,
    /** One call for the own account; throws on a method error. */
    async call(name: string, args: Answer = {}): Promise<Answer> {
      const [response] = await request([[name, { accountId, ...args }, 'c']]);
      if (response?.[0] !== name) throw new Error(JSON.stringify(response));
      return response[1];
    },
    async error(name: string, args: Answer = {}): Promise<string> {
      const [response] = await request([[name, { accountId, ...args }, 'c']]);
      return response?.[0] === 'error' ? String(response[1]['type']) : `no error: ${JSON.stringify(response)}`;
    },
    async upload(bytes: Uint8Array | string, type = 'message/rfc822', account = accountId): Promise<string> {
      const response = await fetch(`${origin}/jmap/upload/${account}`, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': type },
        body: bytes as BodyInit,
      });
      return ((await response.json()) as { blobId: string }).blobId;
    },
    async mailbox(role: MailboxRole): Promise<string> {
      const found = await world.mailstore.read(person.accountId).mailboxByRole(role);
      return objectIds(person.accountId).mailbox.print(found!.id);
    },
    /** Puts a message straight into the store. */
    append: (
      message: Uint8Array,
      role: MailboxRole = 'inbox',
      options: { keywords?: string[]; receivedAt?: number } = {},
    ) => append(world, person, message, role, options),
  };
}
export type Client = ReturnType<typeof client>;

async function append(
  world: World,
  person: Person,
  message: Uint8Array,
  role: MailboxRole,
  options: { keywords?: string[]; receivedAt?: number },
): Promise<string> {
  const prepared = await world.mailstore.prepare(message);
  const id: EmailId = await world.mailstore.write(person.accountId, async (writer) => {
    const mailbox = await writer.mailboxByRole(role);
    return (await writer.append(prepared, { mailboxIds: [mailbox!.id], ...options })).emailId;
  });
  return objectIds(person.accountId).email.print(id);
}

export { mail };
