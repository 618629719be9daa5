import { useRef, type JSX } from 'react';
import { Button, IconButton } from '../../../components/button.tsx';
import { Switch } from '../../../components/switch.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import { FilePenLine, FileText, Paperclip, Send, Trash } from '../../../lib/icons.ts';
import { useSession } from '../../../lib/session.ts';
import type { Compose } from '../hooks/use-compose.ts';
import type { SendingState } from '../hooks/use-sending.ts';
import { textToHtml } from '../rich-text.ts';
import css from './compose.module.css';

interface Props {
  compose: Compose;
  sending: SendingState;
  onPick: () => void;
  onDiscard: () => void;
}

export function ComposeFoot({ compose, sending, onPick, onDiscard }: Props): JSX.Element {
  const { draft, set, files } = compose;
  const session = useSession();
  const chooser = useRef<HTMLInputElement>(null);
  const busy = sending.step !== 'idle';
  const label =
    sending.step === 'signing'
      ? t('compose.signing')
      : busy
        ? t('compose.sending', { percent: Math.round(sending.progress * 100) })
        : draft.sign
          ? t('compose.signAndSend')
          : t('compose.send');
  return (
    <>
      <div className={css['tools']}>
        <Button tone="ghost" icon={Paperclip} onClick={() => chooser.current?.click()}>
          {t('compose.file')}
        </Button>
        <Button tone="doc" icon={FileText} onClick={onPick}>
          {t('compose.document')}
        </Button>
        <span className="grow" />
        <Button
          tone="ghost"
          icon={FilePenLine}
          aria-pressed={draft.html !== undefined}
          onClick={() => set({ html: draft.html === undefined ? textToHtml(draft.text) : undefined })}
        >
          {draft.html === undefined ? t('compose.rich') : t('compose.plain')}
        </Button>
        <IconButton icon={Trash} label={t('compose.discard')} onClick={onDiscard} />
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label={t('compose.file')}
          onChange={(event) => {
            files.addFiles(event.currentTarget.files ?? []);
            event.currentTarget.value = '';
          }}
        />
      </div>
      <footer className={css['foot']}>
        <Button tone="primary" icon={Send} disabled={busy} title="Ctrl+Enter" onClick={sending.send}>
          {label}
        </Button>
        <span className="grow" />
        <Switch checked={draft.sign} disabled={!session.signingKey || busy} onChange={(sign) => set({ sign })}>
          {session.signingKey ? `${t('compose.sign')} · ${session.official.fullName}` : t('compose.noKey')}
        </Switch>
      </footer>
    </>
  );
}
