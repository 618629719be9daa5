/** An official at work over HTTP, as the web client is: session cookie, REST, JMAP, a signing key of their own. */
import type { PrivateKey } from 'openpgp';

import type { OwnKey, Session } from '../../src/base/api-types.ts';
import { makeKey, signDetached } from '../../src/web/client/features/signing/keys.ts';
import { unsignedMessage } from '../../src/web/client/lib/mail/build.ts';
import { signedMessage } from '../../src/web/client/lib/mail/signed.ts';
import type { OutgoingMessage } from '../../src/web/client/lib/mail/types.ts';

type Invocation = [string, Record<string, unknown>, string];
const listOf = (response: Invocation | undefined) => response?.[1]['list'];
const MAIL = [
  'urn:ietf:params:jmap:core',
  'urn:ietf:params:jmap:mail',
  'urn:ietf:params:jmap:submission',
  'https://congvu.vn/jmap/official',
];
export const PASSPHRASE = 'ruong bac thang mua lua chin';

export class OfficialAtWork {
  readonly url: string;
  readonly address: string;
  private cookie = '';
  private key: PrivateKey | undefined;
  session!: Session;

  private constructor(url: string, address: string) {
    this.url = url;
    this.address = address;
  }

  static async signIn(url: string, address: string, password: string): Promise<OfficialAtWork> {
    const official = new OfficialAtWork(url, address);
    const response = await official.request('POST', '/api/v1/session', { address, password });
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
    official.cookie = response.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
    official.session = (await response.json()) as Session;
    return official;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const raw = body instanceof Uint8Array;
    return fetch(this.url + path, {
      method,
      headers: {
        origin: this.url,
        'sec-fetch-site': 'same-origin',
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(raw || body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  get accountId(): string {
    const own = this.session.accounts.find((a) => a.kind === 'person');
    if (!own) throw new Error('no account');
    return own.accountId;
  }

  async jmap(calls: Invocation[]): Promise<Invocation[]> {
    const { methodResponses } = await this.json<{ methodResponses: Invocation[] }>('POST', '/jmap/api', {
      using: MAIL,
      methodCalls: calls,
    });
    const error = methodResponses.find(([name]) => name === 'error');
    if (error) throw new Error(`JMAP: ${JSON.stringify(error)}`);
    return methodResponses;
  }

  /** The first sign-in's step: a key of one's own. */
  async makeKey(): Promise<OwnKey> {
    const { made, unlocked } = await makeKey({
      fullName: this.session.official.fullName,
      address: this.address,
      passphrase: PASSPHRASE,
    });
    const own = await this.json<OwnKey>('PUT', '/api/v1/signing/key', {
      publicKey: made.publicKey,
      privateKey: made.privateKey,
      revocation: made.revocation,
    });
    this.key = unlocked;
    return own;
  }

  async build(message: OutgoingMessage, options: { sign: boolean }): Promise<Uint8Array> {
    if (!options.sign) return unsignedMessage(message);
    const { key } = this;
    if (!key) throw new Error('make a key first');
    return signedMessage(message, (payload) => signDetached(key, payload, message.date.getTime()));
  }

  /** Upload, Email/import into Sent, EmailSubmission/set: what "Ký và gửi" does. @returns the email id in Sent. */
  async submit(bytes: Uint8Array, options: { accountId?: string; from?: string } = {}): Promise<string> {
    const accountId = options.accountId ?? this.accountId;
    const upload = await this.request('POST', `/jmap/upload/${accountId}`, bytes, { 'content-type': 'message/rfc822' });
    if (!upload.ok) throw new Error(`upload: ${upload.status} ${await upload.text()}`);
    const { blobId } = (await upload.json()) as { blobId: string };
    const [boxes, identities] = await this.jmap([
      ['Mailbox/get', { accountId }, '0'],
      ['Identity/get', { accountId }, '1'],
    ]);
    const sent = (listOf(boxes) as { id: string; role: string }[]).find((m) => m.role === 'sent');
    const identity = (listOf(identities) as { id: string; email: string }[]).find(
      (i) => i.email === (options.from ?? this.address),
    );
    if (!sent || !identity) throw new Error('no Sent or no identity');
    const responses = await this.jmap([
      [
        'Email/import',
        { accountId, emails: { m: { blobId, mailboxIds: { [sent.id]: true }, keywords: { $seen: true } } } },
        '0',
      ],
      ['EmailSubmission/set', { accountId, create: { s: { emailId: '#m', identityId: identity.id } } }, '1'],
    ]);
    for (const [, response] of responses)
      if (response['notCreated']) throw new Error(JSON.stringify(response['notCreated']));
    return (responses[0]?.[1]['created'] as { m: { id: string } }).m.id;
  }

  /** Newest first. */
  async inbox(properties: string[], accountId = this.accountId): Promise<Record<string, unknown>[]> {
    const [boxes] = await this.jmap([['Mailbox/get', { accountId }, '0']]);
    const inbox = (listOf(boxes) as { id: string; role: string }[]).find((m) => m.role === 'inbox');
    return this.query({ inMailbox: inbox?.id }, properties, accountId);
  }

  /** Junk too: mail from outside in our own name goes there. */
  everything(properties: string[]): Promise<Record<string, unknown>[]> {
    return this.query({}, properties, this.accountId);
  }

  private async query(
    filter: Record<string, unknown>,
    properties: string[],
    accountId: string,
  ): Promise<Record<string, unknown>[]> {
    const responses = await this.jmap([
      ['Email/query', { accountId, filter, sort: [{ property: 'receivedAt', isAscending: false }] }, '0'],
      ['Email/get', { accountId, '#ids': { resultOf: '0', name: 'Email/query', path: '/ids' }, properties }, '1'],
    ]);
    return responses[1]?.[1]['list'] as Record<string, unknown>[];
  }
}

export async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeout = 20_000): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
