/**
 * One account's mail as the browser knows it. Lists answer from here at once and are brought up to date behind. Invariants: rows, threads and
 * queries change only through `change`, which tells listeners once; a row with a pending patch is not overwritten by
 * a sync that may be older than the patch.
 */
import {
  applyQueryChanges,
  patchEmail,
  placeWindow,
  type EmailPatch,
  type QueryChanges,
  type QueryList,
} from './apply.ts';
import { JmapError, type Answers, type JmapClient } from './client.ts';
import { bodyCall, queryChangesCall, queryKey, syncCalls, windowCalls, type Query } from './requests.ts';
import type { EmailBody, EmailRow, Id, Mailbox } from './types.ts';

export const WINDOW = 50;

interface Changes {
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
}
interface Got<T> {
  state: string;
  list: T[];
  notFound: Id[];
}

export class MailStore {
  readonly accountId: Id;
  readonly client: JmapClient;
  mailboxes: ReadonlyMap<Id, Mailbox> = new Map();
  emails = new Map<Id, EmailRow>();
  threads = new Map<Id, readonly Id[]>();
  bodies = new Map<Id, EmailBody>();
  queries = new Map<string, QueryList>();
  loaded = false;
  private states: { mailbox: string; email: string } | undefined;
  private pending = new Map<Id, number>();
  private listeners = new Set<() => void>();
  private version = 0;
  private watched: Query | undefined;
  private syncing: Promise<void> | undefined;
  private windows = new Map<string, Promise<void>>();

  constructor(client: JmapClient, accountId: Id) {
    this.client = client;
    this.accountId = accountId;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): number => this.version;
  change(work: () => void): void {
    work();
    this.version++;
    for (const listener of [...this.listeners]) listener();
  }

  async loadMailboxes(): Promise<void> {
    const answers = await this.client.call([
      ['Mailbox/get', { accountId: this.accountId, ids: null }, 'mailboxes'],
      ['Email/get', { accountId: this.accountId, ids: [] }, 'state'],
    ]);
    const got = answers.get<Got<Mailbox>>('mailboxes');
    const email = answers.get<Got<EmailRow>>('state').state;
    this.change(() => {
      this.mailboxes = new Map(got.list.map((mailbox) => [mailbox.id, mailbox]));
      // Rows loaded before keep their own older state: the next sync brings them on.
      this.states = { mailbox: got.state, email: this.states?.email ?? email };
      this.loaded = true;
    });
  }

  /** The query that the screen shows; kept current by sync. */
  watch(query: Query | undefined): void {
    this.watched = query;
  }

  list(query: Query): QueryList | undefined {
    return this.queries.get(queryKey(query));
  }

  /** Loads the rows around `position`; what is on the way already is not asked twice. */
  loadWindow(query: Query, position: number): Promise<void> {
    const at = Math.floor(position / WINDOW) * WINDOW;
    const key = `${queryKey(query)}@${at}`;
    const running = this.windows.get(key);
    if (running) return running;
    const work = this.fetchWindow(query, at).finally(() => this.windows.delete(key));
    this.windows.set(key, work);
    return work;
  }

  private async fetchWindow(query: Query, position: number): Promise<void> {
    const answers = await this.client.call(windowCalls(query, position, WINDOW));
    const found = answers.get<{ queryState: string; canCalculateChanges: boolean; ids: Id[]; total: number }>('query');
    const emails = answers.get<Got<EmailRow>>('emails');
    this.change(() => {
      this.states ??= { mailbox: '', email: emails.state };
      for (const thread of answers.get<Got<{ id: Id; emailIds: Id[] }>>('threads').list)
        this.threads.set(thread.id, thread.emailIds);
      this.putRows(emails.list);
      const now = this.list(query);
      // Another state: positions of the older windows no longer hold.
      const base = now && now.queryState === found.queryState ? now.ids : [];
      this.queries.set(queryKey(query), {
        ids: placeWindow(base, position, found.ids, found.total),
        queryState: found.queryState,
        canCalculateChanges: found.canCalculateChanges,
      });
    });
  }

  /** A message reached by its address (link, notification, correspondence), with its thread. */
  async loadEmail(id: Id): Promise<void> {
    if (this.emails.has(id) && this.threads.has(this.emails.get(id)?.threadId ?? '')) return;
    const query = windowCalls({ accountId: this.accountId, filter: {}, collapseThreads: false }, 0, 1).slice(1);
    const first = query[0];
    if (first) query[0] = [first[0], { accountId: this.accountId, ids: [id], properties: ['threadId'] }, first[2]];
    const answers = await this.client.call(query);
    this.change(() => {
      for (const thread of answers.get<Got<{ id: Id; emailIds: Id[] }>>('threads').list)
        this.threads.set(thread.id, thread.emailIds);
      this.putRows(answers.get<Got<EmailRow>>('emails').list);
    });
  }

  /** Never rejects. @returns those that could not be had, each with the reason */
  async loadBodies(ids: readonly Id[]): Promise<ReadonlyMap<Id, unknown>> {
    const missing = ids.filter((id) => !this.bodies.has(id));
    if (missing.length === 0) return new Map();
    try {
      const answers = await this.client.call([bodyCall(this.accountId, missing)]);
      // One message whose content is lost must not hide the others of its thread.
      if (missing.length > 1 && !answers.unless('bodies', 'contentMissing')) {
        const each = await Promise.all(missing.map((id) => this.loadBodies([id])));
        return new Map(each.flatMap((failures) => [...failures]));
      }
      const got = answers.get<Got<EmailBody>>('bodies');
      this.change(() => {
        for (const body of got.list) this.bodies.set(body.id, body);
      });
      return new Map(got.notFound.map((id) => [id, new JmapError('notFound')]));
    } catch (error) {
      return new Map(missing.map((id) => [id, error]));
    }
  }

  /** Brings everything up to now; calls while one runs share the next run. */
  sync(): Promise<void> {
    this.syncing ??= this.syncOnce().finally(() => (this.syncing = undefined));
    return this.syncing;
  }

  private async syncOnce(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      if (!this.states?.mailbox) await this.loadMailboxes();
      if (!this.states) return;
      const query = this.watched;
      const list = query && this.list(query);
      const calls = syncCalls(this.accountId, this.states);
      if (query && list?.canCalculateChanges) calls.push(queryChangesCall(query, list.queryState));
      const answers = await this.client.call(calls);
      const more = this.applySync(answers);
      if (more === 'lost') return await this.reload();
      if (query && list) await this.applyList(query, list, answers);
      if (!more) return;
    }
  }

  /** RFC 8620 §5.2: `cannotCalculateChanges` means what we hold is of no use. */
  private async reload(): Promise<void> {
    this.change(() => {
      this.states = undefined;
      this.queries.clear();
      this.bodies.clear();
    });
    await this.loadMailboxes();
    if (this.watched) await this.loadWindow(this.watched, 0);
  }

  private applySync(answers: Answers): boolean | 'lost' {
    const mailboxes = answers.unless<Changes>('mailboxChanges', 'cannotCalculateChanges');
    const emails = answers.unless<Changes>('emailChanges', 'cannotCalculateChanges');
    if (!mailboxes || !emails) return 'lost';
    this.change(() => {
      const next = new Map(this.mailboxes);
      for (const id of mailboxes.destroyed) next.delete(id);
      for (const call of ['mailboxCreated', 'mailboxUpdated'])
        for (const mailbox of answers.get<Got<Mailbox>>(call).list) next.set(mailbox.id, mailbox);
      this.mailboxes = next;
      this.putRows(answers.get<Got<EmailRow>>('emailCreated').list);
      this.putRows(answers.get<Got<EmailRow>>('emailUpdated').list);
      for (const thread of answers.get<Got<{ id: Id; emailIds: Id[] }>>('threads').list)
        this.threads.set(thread.id, thread.emailIds);
      for (const id of emails.destroyed) this.forget(id);
      this.states = { mailbox: mailboxes.newState, email: emails.newState };
    });
    return mailboxes.hasMoreChanges || emails.hasMoreChanges;
  }

  private async applyList(query: Query, list: QueryList, answers: Answers): Promise<void> {
    const changes = list.canCalculateChanges ? tryGet<QueryChanges>(answers, 'queryChanges') : undefined;
    const now = this.list(query);
    if (!changes || !now) return await this.fetchWindow(query, 0);
    if (changes.removed.length + changes.added.length === 0 && now.queryState === changes.newQueryState) return;
    this.change(() => this.queries.set(queryKey(query), applyQueryChanges(now, changes)));
    if (changes.added.some(({ id }) => !this.emails.has(id))) await this.fetchWindow(query, 0);
  }

  private putRows(rows: readonly EmailRow[]): void {
    for (const row of rows) {
      if (this.pending.has(row.id)) continue;
      this.emails.set(row.id, row);
    }
  }
  private forget(id: Id): void {
    const row = this.emails.get(id);
    this.emails.delete(id);
    this.bodies.delete(id);
    if (row)
      this.threads.set(
        row.threadId,
        (this.threads.get(row.threadId) ?? []).filter((one) => one !== id),
      );
    for (const [key, list] of this.queries)
      if (list.ids.includes(id)) this.queries.set(key, { ...list, ids: list.ids.filter((one) => one !== id) });
  }

  /** Shows a patch before the server has it; `settle` when the server answered. */
  patch(patches: ReadonlyMap<Id, EmailPatch>): void {
    this.change(() => {
      for (const [id, patch] of patches) {
        const row = this.emails.get(id);
        if (!row) continue;
        const next = patchEmail(row, patch);
        this.emails.set(id, next);
        this.pending.set(id, (this.pending.get(id) ?? 0) + 1);
        this.recount(row, next);
      }
    });
  }
  settle(ids: Iterable<Id>): void {
    for (const id of ids) {
      const left = (this.pending.get(id) ?? 1) - 1;
      if (left > 0) this.pending.set(id, left);
      else this.pending.delete(id);
    }
  }
  private recount(before: EmailRow, after: EmailRow): void {
    const next = new Map(this.mailboxes);
    const unread = (row: EmailRow): number => (row.keywords['$seen'] || row.keywords['$draft'] ? 0 : 1);
    const move = (id: Id, row: EmailRow, by: 1 | -1): void => {
      const mailbox = next.get(id);
      if (!mailbox) return;
      const unreadEmails = Math.max(0, mailbox.unreadEmails + by * unread(row));
      next.set(id, { ...mailbox, unreadEmails, totalEmails: Math.max(0, mailbox.totalEmails + by) });
    };
    for (const id of Object.keys(before.mailboxIds)) move(id, before, -1);
    for (const id of Object.keys(after.mailboxIds)) move(id, after, 1);
    this.mailboxes = next;
  }

  /** Takes rows out of the shown list at once, or puts the list back. */
  setList(query: Query, ids: readonly (Id | null)[]): void {
    const now = this.list(query);
    if (now) this.change(() => this.queries.set(queryKey(query), { ...now, ids }));
  }
}

function tryGet<T>(answers: Answers, callId: string): T | undefined {
  try {
    return answers.get<T>(callId);
  } catch (error) {
    // RFC 8620 §5.6: cannotCalculateChanges, tooManyChanges: ask for the list again.
    if (error instanceof JmapError) return undefined;
    throw error;
  }
}
