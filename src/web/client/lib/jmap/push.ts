/** RFC 8620 §7.3: one EventSource for all accounts; the browser reconnects it by itself. */
import { online } from '../http.ts';
import type { JmapSession } from './types.ts';

export function listen(session: JmapSession, onChange: (accountIds: string[]) => void): () => void {
  const url = session.eventSourceUrl
    .replace('{types}', encodeURIComponent('Mailbox,Email,EmailDelivery,Thread'))
    .replace('{closeafter}', 'no')
    .replace('{ping}', '60');
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let wait = 2000;
  const open = (): void => {
    source = new EventSource(url, { withCredentials: true });
    source.addEventListener('state', (event: MessageEvent<string>) => {
      const change = JSON.parse(event.data) as { changed?: Record<string, unknown> };
      onChange(Object.keys(change.changed ?? {}));
    });
    source.onopen = () => {
      // What happened while we were away is not repeated by the server.
      if (!online.get() || wait > 2000) onChange([]);
      wait = 2000;
      online.set(true);
    };
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(open, wait);
      wait = Math.min(wait * 2, 60_000);
    };
  };
  open();
  return () => {
    source?.close();
    clearTimeout(retry);
  };
}
