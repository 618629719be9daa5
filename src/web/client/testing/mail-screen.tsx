/** The mail as it stands on the screen, over a mailbox of the test's own. */
import { cleanup, fireEvent, render, screen, within } from '@testing-library/preact';
import type { JSX } from 'react';
import { vi } from 'vitest';
import { MailRoute } from '../app/routes/mail.tsx';
import { Toasts } from '../components/toasts.tsx';
import { composeIntent } from '../lib/compose-intent.ts';
import { online } from '../lib/http.ts';
import { closeHub, openHub } from '../lib/jmap/hub.ts';
import { sessionStore } from '../lib/session.ts';
import { toasts } from '../lib/toasts.ts';
import type { EmailRow } from '../lib/jmap/types.ts';
import { fakeMail, session, type FakeMail } from './fake-mail.ts';

/** An EventSource or an observer that never says anything. */
export class Silent {
  addEventListener(): void {
    return;
  }
  close(): void {
    return;
  }
  observe(): void {
    return;
  }
  disconnect(): void {
    return;
  }
  unobserve(): void {
    return;
  }
}

export async function openMailScreen(
  emails: EmailRow[],
  {
    path = '/mail',
    signs = true,
    units = {},
    beside,
  }: { path?: string; signs?: boolean; units?: Record<string, string>; beside?: JSX.Element } = {},
): Promise<FakeMail> {
  const fake = fakeMail(emails, units);
  vi.stubGlobal('fetch', fake.fetch);
  vi.stubGlobal('EventSource', Silent);
  vi.stubGlobal('ResizeObserver', Silent);
  // jsdom lays nothing out: the list is given a height.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(356);
  history.replaceState(null, '', path);
  const accounts = Object.entries(units).map(([accountId, name]) => ({
    accountId,
    kind: 'unit' as const,
    name,
    addresses: [`${accountId}@caoson.gov.vn`],
    canSend: true,
  }));
  sessionStore.set({
    ...session,
    accounts: [...session.accounts, ...accounts],
    signingKey: signs ? session.signingKey : null,
  });
  await openHub();
  render(
    <>
      <MailRoute />
      {beside}
      <Toasts />
    </>,
  );
  return fake;
}

export function closeMailScreen(): void {
  cleanup();
  closeHub();
  toasts.set([]);
  online.set(true);
  composeIntent.set(null);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

export const press = (key: string): boolean => fireEvent.keyDown(document.body, { key });

/** What the rows of the list say. */
export const rows = (): string[] =>
  screen.getAllByRole('listitem').map((row) => within(row).getByRole('link').textContent ?? '');
