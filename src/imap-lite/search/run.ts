/** Runs a search over the selected mailbox: texts by the index, then the passes of match.ts, the dear ones only for the undecided. */
import type { Placed, TextKey } from '../../mailstore/types.ts';
import { emailIdText, threadIdText } from '../object-id.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import type { SearchKey } from '../wire/search-key.ts';
import { match, type Subject, type Terms } from './match.ts';
import { necessary } from './necessary.ts';

const CHUNK = 500;

export async function search(session: Session, key: SearchKey): Promise<Placed[]> {
  const { view, store } = session;
  const terms = await termsOf(session, key);
  const found: Placed[] = [];
  const open: Subject[] = [];
  for (const row of await store.placed(view.ref, necessary(key, terms))) {
    const seq = view.seqOf(row.uid);
    if (seq === undefined) continue; // not told yet
    const known = match(key, { row, seq }, terms);
    if (known === undefined) open.push({ row, seq });
    else if (known) found.push(row);
  }
  found.push(...(await decide(session, key, terms, open)));
  return found.sort((a, b) => a.uid - b.uid);
}

/** Second pass with the instant of the Date field, third with its zone. */
async function decide(session: Session, key: SearchKey, terms: Terms, open: readonly Subject[]): Promise<Placed[]> {
  const found: Placed[] = [];
  const tell = progressOf(session, open.length);
  for (let i = 0; i < open.length; i += CHUNK) {
    await tell(i);
    const chunk = open.slice(i, i + CHUNK);
    const near = await pass(session, key, terms, chunk, found, false);
    await pass(session, key, terms, near, found, true);
  }
  return found;
}

/** @returns what is still open */
async function pass(
  { view, store }: Session,
  key: SearchKey,
  terms: Terms,
  subjects: readonly Subject[],
  found: Placed[],
  summary: boolean,
): Promise<Subject[]> {
  if (subjects.length === 0) return [];
  const uids = subjects.map(({ row }) => row.uid);
  const headings = new Map((await store.headings(view.ref, uids, { summary })).map((h) => [h.uid, h]));
  const open: Subject[] = [];
  for (const subject of subjects) {
    const heading = headings.get(subject.row.uid);
    if (!heading) continue; // gone meanwhile
    const zone = heading.summary ? (heading.summary.sentZone ?? 0) : undefined;
    const known = match(key, { ...subject, sent: { at: heading.sentAt, zone } }, terms);
    if (known === undefined) open.push(subject);
    else if (known) found.push(subject.row);
  }
  return open;
}

async function termsOf(session: Session, key: SearchKey): Promise<Terms> {
  const { view, clock } = session;
  const sets = new Map<SearchKey, Set<number>>();
  const hits = new Map<SearchKey, ReadonlySet<number>>();
  await prepare(session, key, sets, hits);
  return {
    now: clock.now(),
    inSet: (k, { row }) => sets.get(k)?.has(row.uid) === true,
    sets,
    hits,
    recent: (uid) => view.isRecent(uid),
    emailId: (id) => emailIdText(view.ref, id),
    threadId: (id) => threadIdText(view.ref, id),
  };
}

async function prepare(
  session: Session,
  key: SearchKey,
  sets: Map<SearchKey, Set<number>>,
  hits: Map<SearchKey, ReadonlySet<number>>,
): Promise<void> {
  switch (key.key) {
    case 'NOT':
      return prepare(session, key.of, sets, hits);
    case 'AND':
    case 'OR':
      for (const k of key.of) await prepare(session, k, sets, hits);
      return;
    case 'UID':
    case 'SEQUENCE':
      sets.set(key, new Set(session.uidsOf(key.set, key.key === 'UID')));
      return;
    case 'BODY':
    case 'TEXT':
      hits.set(key, await withText(session, { in: key.key === 'BODY' ? 'body' : 'text', text: key.text }));
      return;
    case 'HEADER':
      hits.set(key, await withText(session, { in: 'header', field: key.field.toLowerCase(), text: key.text }));
      return;
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      hits.set(key, await withText(session, { in: 'header', field: key.key.toLowerCase(), text: key.text }));
      return;
    default:
  }
}

async function withText(session: Session, key: TextKey): Promise<ReadonlySet<number>> {
  const { store, view } = session;
  return new Set(await store.withText(view.ref, key, progressOf(session, view.uids.length)));
}
