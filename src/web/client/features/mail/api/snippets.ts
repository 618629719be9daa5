/** SearchSnippet/get (RFC 8621 §5): why a message was found. */
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Query } from '../../../lib/jmap/requests.ts';
import type { Id } from '../../../lib/jmap/types.ts';

export interface Snippet {
  emailId: Id;
  subject: string | null;
  preview: string | null;
}
export async function getSnippets(store: MailStore, query: Query, emailIds: Id[]): Promise<Snippet[]> {
  const answers = await store.client.call([
    ['SearchSnippet/get', { accountId: query.accountId, filter: query.filter, emailIds }, 'snippets'],
  ]);
  return answers.get<{ list: Snippet[] }>('snippets').list;
}

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
};
/** RFC 8621 §5: HTML-escaped text with <mark>; taken apart here, never parsed as HTML. */
export function markedText(snippet: string): { text: string; marked: boolean }[] {
  return snippet
    .split(/(<mark>[\s\S]*?<\/mark>)/)
    .filter((part) => part !== '')
    .map((part) => {
      const marked = part.startsWith('<mark>');
      const inner = marked ? part.slice(6, -7) : part;
      return { marked, text: inner.replace(/&(?:lt|gt|amp|quot|#39|#x27);/g, (entity) => entities[entity] ?? entity) };
    });
}
