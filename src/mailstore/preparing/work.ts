/** What the thread does with a task. */
import { digest } from './digest.ts';
import { answerOf, messagesOf, type DigestAnswer, type DigestTask } from './digest-task.ts';
import { headDigest } from './head.ts';

export async function digestAll(task: DigestTask): Promise<DigestAnswer> {
  const digests = [];
  // One that fails fails alone.
  for (const bytes of messagesOf(task)) digests.push(await one(bytes, task).catch(String));
  return answerOf(digests, task);
}

const one = async (bytes: Uint8Array, { onlyHead }: DigestTask) => (onlyHead ? headDigest(bytes) : digest(bytes));
