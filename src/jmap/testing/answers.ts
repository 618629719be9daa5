/** What stands in the answers of JMAP's methods. */
import type { Answer } from './server.ts';

export const list = (answer: Answer | undefined): Answer[] => answer?.['list'] as Answer[];

export function made(answer: Answer, key: string): Answer {
  const created = (answer['created'] as Record<string, Answer> | null)?.[key];
  if (!created) throw new Error(JSON.stringify(answer));
  return created;
}

export const refused = (answer: Answer, kind: string, key: string): Answer =>
  (answer[kind] as Record<string, Answer> | null)?.[key] ?? {};
