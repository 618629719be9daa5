/** Which thread an email joins (RFC 8621 §3). A threadId, once given, never changes. */
import { sha256Text } from '../base/bytes.ts';
import type { ThreadId } from '../base/ids.ts';
import type { DerivedMessage } from '../message/types.ts';
import { insertThreadRefs, threadOfRefs } from './repository/threads.ts';
import type { Unit } from './unit.ts';

/** A stranger may list thousands of references; the first names the root, the last ones the neighbours. */
const MAX_REFERENCES = 50;
const REF_DIGITS = 24;

/** A shared Message-ID, and the same base subject: both in one hash, so that one look-up answers both. */
export function threadRefs({ summary, baseSubject }: DerivedMessage): string[] {
  const { messageId, inReplyTo, references } = summary;
  const ids = new Set([
    ...messageId.slice(0, 1),
    ...inReplyTo.slice(0, MAX_REFERENCES),
    ...references.slice(0, 1),
    ...references.slice(-MAX_REFERENCES),
  ]);
  return [...ids].map((id) => sha256Text(`${id}\n${baseSubject}`).slice(0, REF_DIGITS)).sort();
}

export async function joinThread(
  unit: Unit,
  derived: DerivedMessage,
): Promise<{ threadId: ThreadId; joined: boolean }> {
  const refs = threadRefs(derived);
  // Several threads may turn out to belong together; they are not merged, the oldest takes the new email.
  const known = refs.length > 0 ? await threadOfRefs(unit.scope, refs) : undefined;
  const threadId = known ?? unit.takeThreadId();
  unit.log('Thread', threadId, known === undefined ? 'created' : 'updated');
  await insertThreadRefs(unit.scope, threadId, refs);
  return { threadId, joined: known !== undefined };
}
