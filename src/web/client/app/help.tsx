import { useState, type JSX } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { t, type Key } from '../lib/i18n/i18n.ts';
import { useShortcuts } from '../lib/keyboard.ts';
import css from './help.module.css';

const keys: [string, Key][] = [
  ['c', 'mail.compose'],
  ['/', 'mail.search'],
  ['j', 'help.next'],
  ['k', 'help.previous'],
  ['e', 'mail.archive'],
  ['#', 'mail.delete'],
  ['s', 'mail.star'],
  ['u', 'mail.markUnread'],
  ['x', 'help.tick'],
  ['r', 'message.reply'],
  ['a', 'message.replyAll'],
  ['f', 'message.forward'],
  ['Esc', 'help.back'],
  ['?', 'help.this'],
];

export default function Help(): JSX.Element | null {
  const [open, setOpen] = useState(false);
  useShortcuts({ '?': () => setOpen(true) });
  if (!open) return null;
  return (
    <Dialog title={t('help.title')} onClose={() => setOpen(false)}>
      <dl className={css['keys']}>
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
