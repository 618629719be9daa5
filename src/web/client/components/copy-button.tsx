import { useEffect, useState, type JSX } from 'react';
import { copyText } from '../lib/clipboard.ts';
import { t } from '../lib/i18n/i18n.ts';
import { Check, Copy } from '../lib/icons.ts';
import { toast } from '../lib/toasts.ts';
import { IconButton } from './button.tsx';

/** Copies one value; says so in its own place for a moment. */
export function CopyButton({ text, label }: { text: string; label: string }): JSX.Element {
  const [copied, setCopied] = useState<string>();
  useEffect(() => {
    if (copied === undefined) return undefined;
    const timer = setTimeout(() => setCopied(undefined), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    copyText(text).then(
      () => setCopied(text),
      () => toast(t('common.copyFailed'), { tone: 'danger' }),
    );
  };
  const done = copied === text;
  return <IconButton icon={done ? Check : Copy} label={done ? t('common.copied') : label} onClick={copy} />;
}
