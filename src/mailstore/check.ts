import type { MailstoreParts } from './parts.ts';
import type { Mailstore } from './types.ts';
type Finding = ReturnType<Mailstore['check']> extends AsyncIterable<infer F> ? F : never;
// eslint-disable-next-line require-yield
export async function* check(_parts: MailstoreParts, _options: { deep?: boolean }): AsyncGenerator<Finding> {
  await Promise.resolve();
}
