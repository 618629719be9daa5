import { useEffect, useRef, useState, type DragEvent, type JSX } from 'react';
import { Fetched } from '../../../components/fetched.tsx';
import { lazily } from '../../../lib/lazily.tsx';
import { IconButton } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import type { ComposeIntent } from '../../../lib/compose-intent.ts';
import { time } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, Maximize2, Minimize2, Minus, X } from '../../../lib/icons.ts';
import { useCompose } from '../hooks/use-compose.ts';
import { useKeeping } from '../hooks/use-keeping.ts';
import { useSending } from '../hooks/use-sending.ts';
import { AttachmentList } from './attachment-list.tsx';
import { ComposeFields } from './compose-fields.tsx';
import { ComposeFoot } from './compose-foot.tsx';
import { useFocusReturn } from '../../../lib/focus.ts';
import css from './compose.module.css';
import { AskDialog, UnlockDialog } from './send-dialogs.tsx';

const RichEditor = lazily(() => import('./rich-editor.tsx'));
const DocumentPicker = lazily(() => import('./document-picker.tsx'));

export default function ComposeWindow({
  intent,
  calls,
  onClose,
}: {
  intent: ComposeIntent;
  calls: number;
  onClose: () => void;
}): JSX.Element {
  const compose = useCompose(intent);
  const { draft, set, files, autosave } = compose;
  const [size, setSize] = useState<'docked' | 'large' | 'small'>('docked');
  const [picking, setPicking] = useState(false);
  const [dragging, setDragging] = useState(false);
  const window_ = useRef<HTMLElement>(null);
  const { close, discard, sent } = useKeeping(compose, intent, onClose);
  const sending = useSending(compose.hub, draft, compose.identity, autosave, compose.files.blobs, sent);
  useFocusReturn();
  useEffect(() => {
    if (calls === 0) return;
    setSize((now) => (now === 'small' ? 'docked' : now));
    window_.current?.querySelector<HTMLElement>('textarea, [contenteditable]')?.focus();
  }, [calls]);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setDragging(false);
    files.addFiles(event.dataTransfer.files);
  };
  return (
    <section
      ref={window_}
      role="dialog"
      aria-label={draft.subject || t('compose.title')}
      className={`${css['window']} ${css[size]} ${dragging ? css['dragging'] : ''}`}
      onKeyDown={(event) => {
        // Keys pressed in a dialog over this window are the dialog's; those of an input method its own.
        const { target } = event;
        if (event.nativeEvent.isComposing || (target instanceof Element && target.closest('dialog'))) return;
        if (event.key === 'Escape' && !event.defaultPrevented) close();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sending.send();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={drop}
    >
      <header className={css['head']}>
        <h2 className="cut grow">{draft.subject || t('compose.title')}</h2>
        <span className={css['saved']} aria-live="polite">
          {autosave.failed
            ? t('compose.notSaved')
            : autosave.savedAt !== undefined
              ? t('compose.savedAt', { time: time(autosave.savedAt) })
              : ''}
        </span>
        <IconButton
          icon={Minus}
          label={t('compose.minimise')}
          className={css['desktop']}
          onClick={() => setSize(size === 'small' ? 'docked' : 'small')}
        />
        <IconButton
          icon={size === 'large' ? Minimize2 : Maximize2}
          label={t('compose.enlarge')}
          className={css['desktop']}
          onClick={() => setSize(size === 'large' ? 'docked' : 'large')}
        />
        <IconButton icon={X} label={t('compose.close')} onClick={close} />
      </header>
      <div className={css['content']} hidden={size === 'small'}>
        <ComposeFields compose={compose} autoFocus={draft.to.length === 0 ? 'to' : 'text'} />
        <div className={css['editor']}>
          {draft.html === undefined ? (
            <textarea
              className={css['text']}
              aria-label={t('compose.body')}
              value={draft.text}
              ref={(element) => {
                // Above what is quoted, where the answer goes.
                if (element && !element.dataset['ready']) {
                  element.dataset['ready'] = 'yes';
                  element.setSelectionRange(0, 0);
                  // Browsers honour `autofocus` once a page; a window opens many times.
                  if (draft.to.length > 0) element.focus();
                }
              }}
              onChange={(event) => set({ text: event.currentTarget.value })}
            />
          ) : (
            <Fetched waiting={<Skeleton lines={5} />}>
              <RichEditor html={draft.html} onChange={(html, text) => set({ html, text })} />
            </Fetched>
          )}
        </div>
        <AttachmentList attachments={draft.attachments} onRemove={files.remove} onRetry={files.retry} />
        {sending.error && (
          <div role="alert" className={css['error']}>
            <Icon of={CircleAlert} small />
            <span>{sending.error}</span>
          </div>
        )}
        <ComposeFoot compose={compose} sending={sending} onPick={() => setPicking(true)} onDiscard={discard} />
      </div>
      {picking && (
        <Fetched onFail={() => setPicking(false)}>
          <DocumentPicker
            onClose={() => setPicking(false)}
            onPick={(document) => {
              setPicking(false);
              files.addDocument(document);
              if (!draft.subject) set({ subject: document.subject });
            }}
          />
        </Fetched>
      )}
      {sending.asking && <AskDialog problem={sending.asking} onAnswer={sending.answer} />}
      {sending.needsPassphrase && <UnlockDialog onUnlocked={sending.unlocked} onClose={sending.cancelUnlock} />}
    </section>
  );
}
