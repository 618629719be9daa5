/** Runs a search over the selected mailbox: the passes of match.ts over chunks, the dear ones only for the undecided. */
import type { EmailId } from '../../base/ids.ts';
import type { Placed } from '../../mailstore/types.ts';
import { emailIdText, threadIdText } from '../object-id.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import type { SearchKey } from '../wire/search-key.ts';
import { match, type Subject, type Terms } from './match.ts';
import { textOf } from './text.ts';

const CHUNK = 200;

export async function search(session: Session, key: SearchKey): Promise<Placed[]> {
  const { view, store } = session;
  const terms = await termsOf(session, key);
  const found: Placed[] = [];
  const open: Subject[] = [];
  for (const row of await store.placed(view.ref)) {
    const seq = view.seqOf(row.uid);
    if (seq === undefined) continue; // not told yet
    const known = match(key, { row, seq }, terms);
    if (known === undefined) open.push({ row, seq });
    else if (known) found.push(row);
  }
  found.push(...(await decide(session, key, terms, open)));
  return found.sort((a, b) => a.uid - b.uid);
}

/** Second pass with what was derived, third with the text. */
async function decide(session: Session, key: SearchKey, terms: Terms, open: readonly Subject[]): Promise<Placed[]> {
  const { view, store, settings } = session;
  const found: Placed[] = [];
  const withBody = uses(key, 'BODY') || uses(key, 'TEXT');
  let scans = withBody ? settings.searchScanMessages : Infinity;
  const tell = progressOf(session, open.length);
  for (let i = 0; i < open.length; i += CHUNK) {
    const chunk = open.slice(i, i + CHUNK);
    const details = new Map(
      (
        await store.details(
          view.ref,
          chunk.map((s) => s.row.uid),
        )
      ).map((d) => [d.uid, d]),
    );
    for (const [n, subject] of chunk.entries()) {
      await tell(i + n);
      const detail = details.get(subject.row.uid);
      if (!detail) continue;
      let known = match(key, { ...subject, detail }, terms);
      if (known === undefined && scans-- > 0)
        known = match(key, { ...subject, detail, text: await textOf(store, detail, withBody) }, terms);
      // Past the limit the index alone answers: a word that it does not know is not there.
      if (known ?? match(key, { ...subject, detail, text: NO_TEXT }, terms)) found.push(subject.row);
    }
  }
  return found;
}

const NO_TEXT = { fields: (): string[] => [], body: '' };

function uses(key: SearchKey, name: SearchKey['key']): boolean {
  if (key.key === name) return true;
  if (key.key === 'NOT') return uses(key.of, name);
  return (key.key === 'AND' || key.key === 'OR') && key.of.some((k) => uses(k, name));
}

async function termsOf(session: Session, key: SearchKey): Promise<Terms> {
  const { view, clock } = session;
  const sets = new Map<SearchKey, Set<number>>();
  const hits = new Map<SearchKey, Set<EmailId>>();
  await prepare(session, key, sets, hits);
  return {
    now: clock.now(),
    inSet: (k, { row }) => sets.get(k)?.has(row.uid) === true,
    hits,
    emailId: (id) => emailIdText(view.ref, id),
    threadId: (id) => threadIdText(view.ref, id),
  };
}

async function prepare(
  session: Session,
  key: SearchKey,
  sets: Map<SearchKey, Set<number>>,
  hits: Map<SearchKey, Set<EmailId>>,
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
      hits.set(key, await indexHits(session, key.key, key.text));
      return;
    default:
  }
}

/** The words as a phrase: what the index finds holds the text sought, up to punctuation. */
async function indexHits({ store, view }: Session, key: 'BODY' | 'TEXT', text: string): Promise<Set<EmailId>> {
  const phrase = text.replaceAll('"', ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(phrase)) return new Set();
  return store.matching(view.ref, { [key === 'BODY' ? 'body' : 'text']: `"${phrase}"` });
}
