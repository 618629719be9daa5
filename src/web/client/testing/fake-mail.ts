/** A small mailbox behind `fetch`, for tests of screens: real JMAP answers, nothing of the server. */
import type { Session } from '../../../base/api-types.ts';
import type { EmailRow, Mailbox } from '../lib/jmap/types.ts';

export const session: Session = {
  official: {
    id: 1,
    fullName: 'Lê Vân',
    address: 'van@caoson.gov.vn',
    title: 'Chuyên viên',
    unitName: 'Sở Nội vụ',
    unitCode: 'H99.02',
  },
  accounts: [{ accountId: 'a1', kind: 'person', name: 'Lê Vân', addresses: ['van@caoson.gov.vn'], canSend: true }],
  roles: [],
  mustChangePassword: false,
  signingKey: { fingerprint: 'ab' },
  locale: 'vi',
};

export const allRights: Mailbox['myRights'] = { mayCreateChild: true, mayRename: true, mayDelete: true };
const mailbox = (id: string, role: Mailbox['role'], unreadEmails = 0): Mailbox => ({
  id,
  name: id,
  parentId: null,
  role,
  sortOrder: 0,
  totalEmails: 3,
  unreadEmails,
  totalThreads: 3,
  unreadThreads: unreadEmails,
  myRights: allRights,
});
export const email = (n: number, change: Partial<EmailRow> = {}): EmailRow => ({
  id: `e${n}`,
  threadId: `t${n}`,
  mailboxIds: { m1: true },
  keywords: { $seen: true },
  from: [{ name: `Người ${n}`, email: `n${n}@caoson.gov.vn` }],
  to: [{ name: 'Lê Vân', email: 'van@caoson.gov.vn' }],
  subject: `Thư số ${n}`,
  receivedAt: '2026-11-20T01:00:00Z',
  preview: 'Kính gửi',
  size: 100,
  hasAttachment: false,
  attachments: [],
  'congvu:verdict': null,
  'congvu:documents': [],
  ...change,
});

export interface FakeMail {
  emails: EmailRow[];
  /** Every method call made, in order. */
  calls: [string, Record<string, unknown>][];
  fail: boolean;
  /** Emails whose content the server has lost. */
  lost: Set<string>;
  /** Answers of the test's own, by method. */
  answers: Record<string, (args: Record<string, unknown>) => Record<string, unknown>>;
  /** Of bodies, over what every message has. */
  bodies: Record<string, Record<string, unknown>>;
  /** Unit mailboxes beside the official's own, a1: their names by account. */
  units: Record<string, string>;
  fetch: typeof fetch;
}
type Args = Record<string, unknown>;

export function fakeMail(emails: EmailRow[], units: Record<string, string> = {}): FakeMail {
  const fake: FakeMail = {
    emails,
    calls: [],
    fail: false,
    lost: new Set(),
    answers: {},
    bodies: {},
    units,
    fetch: async (input, init) => route(fake, typeof input === 'string' ? input : '', init),
  };
  return fake;
}
const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

function route(fake: FakeMail, url: string, init?: RequestInit): Response {
  if (url === '/.well-known/jmap')
    return json({
      accounts: Object.fromEntries(
        Object.entries({ a1: 'Lê Vân', ...fake.units }).map(([id, name]) => [
          id,
          { name, isPersonal: id === 'a1', isReadOnly: false, accountCapabilities: {} },
        ]),
      ),
      primaryAccounts: { 'urn:ietf:params:jmap:mail': 'a1' },
      apiUrl: '/jmap/api',
      downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?type={type}',
      uploadUrl: '/jmap/upload/{accountId}',
      eventSourceUrl: '/jmap/events?types={types}',
      capabilities: {},
      username: 'van@caoson.gov.vn',
      state: 's',
    });
  if (url.startsWith('/api/v1/directory/units')) return json({ units: [] });
  if (url !== '/jmap/api') return json({ code: 'http.404' }, 404);
  if (fake.fail) throw new TypeError('no network');
  const { methodCalls } = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as {
    methodCalls: [string, Args, string][];
  };
  const results = new Map<string, Args>();
  const methodResponses = methodCalls.map(([name, args, id]) => {
    fake.calls.push([name, args]);
    if (args['fetchTextBodyValues'] && (args['ids'] as string[]).some((one) => fake.lost.has(one)))
      return ['error', { type: 'contentMissing' }, id];
    const answer = fake.answers[name]?.(args) ?? answerTo(fake, name, args, results);
    results.set(id, answer);
    return [name, answer, id];
  });
  return json({ methodResponses, sessionState: 's' });
}

function answerTo(fake: FakeMail, name: string, args: Args, results: Map<string, Args>): Args {
  const ids = (args['ids'] as string[] | null | undefined) ?? referenced(args['#ids'], results);
  switch (name) {
    case 'Mailbox/get':
      return {
        state: 'm',
        list: ids
          ? []
          : [
              mailbox('m1', 'inbox', 1),
              mailbox('m2', 'archive'),
              mailbox('m3', 'trash'),
              mailbox('m4', 'sent'),
              mailbox('m5', 'drafts'),
            ],
        notFound: [],
      };
    case 'Email/query': {
      const { inMailbox, notKeyword, text } = args['filter'] as Record<string, string | undefined>;
      const found = fake.emails.filter(
        (one) =>
          (!inMailbox || one.mailboxIds[inMailbox]) &&
          !(notKeyword && one.keywords[notKeyword]) &&
          (!text || one.subject?.includes(text)),
      );
      return {
        queryState: 'q',
        canCalculateChanges: false,
        position: 0,
        ids: found.map(({ id }) => id),
        total: found.length,
      };
    }
    case 'Email/get':
      return {
        state: 'e',
        list: fake.emails
          .filter(({ id }) => ids?.includes(id))
          .map((one) => ({ ...one, ...bodyOf(one), ...fake.bodies[one.id] })),
        notFound: [],
      };
    case 'Thread/get':
      return {
        state: 't',
        list: (ids ?? []).map((id) => ({
          id,
          emailIds: fake.emails.filter(({ threadId }) => threadId === id).map((one) => one.id),
        })),
        notFound: [],
      };
    case 'SearchSnippet/get':
      return { list: (args['emailIds'] as string[]).map((emailId) => snippetOf(fake, emailId, args)), notFound: null };
    case 'Identity/get':
      return { state: 'i', list: [identity], notFound: [] };
    case 'Email/set':
      applySet(fake, args);
      return { oldState: 'e', newState: 'e', updated: {}, notUpdated: null };
    default:
      return { oldState: 'x', newState: 'x', hasMoreChanges: false, created: [], updated: [], destroyed: [], list: [] };
  }
}
function referenced(ref: unknown, results: Map<string, Args>): string[] | undefined {
  if (typeof ref !== 'object' || ref === null) return undefined;
  const { resultOf, path } = ref as { resultOf: string; path: string };
  const from = results.get(resultOf) ?? {};
  const list = from['list'] as Args[] | undefined;
  if (path === '/list/*/threadId') return [...new Set(list?.map((one) => String(one['threadId'])))];
  if (path === '/list/*/emailIds') return list?.flatMap((one) => one['emailIds'] as string[]);
  return (from[path.slice(1)] as string[] | undefined) ?? [];
}
function snippetOf(fake: FakeMail, emailId: string, args: Args): Args {
  const { text = '' } = args['filter'] as { text?: string };
  const subject = fake.emails.find(({ id }) => id === emailId)?.subject ?? '';
  return { emailId, subject: subject.replace(text, `<mark>${text}</mark>`), preview: 'x &lt; y' };
}
const identity = {
  id: 'i1',
  name: 'Lê Vân',
  email: 'van@caoson.gov.vn',
  replyTo: null,
  textSignature: '',
  htmlSignature: '',
};
function applySet(fake: FakeMail, args: Args): void {
  for (const [id, patch] of Object.entries((args['update'] ?? {}) as Record<string, Record<string, true | null>>)) {
    const row = fake.emails.find((one) => one.id === id);
    for (const [path, value] of Object.entries(patch)) {
      const [group, key] = path.split('/') as ['keywords' | 'mailboxIds', string];
      if (!row) continue;
      if (value === null) delete row[group][key];
      else row[group][key] = true;
    }
  }
}
const bodyOf = (one: EmailRow): Args => ({
  blobId: `b${one.id}`,
  messageId: [`${one.id}@x`],
  inReplyTo: null,
  references: null,
  cc: null,
  bcc: null,
  replyTo: null,
  sentAt: one.receivedAt,
  textBody: [{ partId: '1', type: 'text/plain' }],
  htmlBody: [{ partId: '1', type: 'text/plain' }],
  bodyValues: { '1': { value: `Nội dung ${one.id}`, isEncodingProblem: false, isTruncated: false } },
  'congvu:authentication': null,
  'congvu:lostParts': [],
});
