/** Making, renaming and removing a folder: an own one, or one of a unit's mailbox, which all who work in it see. */
import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { quietly } from '../../../lib/jmap/hub.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Id, Mailbox } from '../../../lib/jmap/types.ts';
import { toast } from '../../../lib/toasts.ts';
import { createFolder, removeFolder, renameFolder } from '../api/folders.ts';
import { byRole, mailboxTree } from '../place.ts';
import css from './folder-list.module.css';

export type FolderTask = { kind: 'create' } | { kind: 'rename' | 'remove'; mailbox: Mailbox };
interface Props {
  store: MailStore;
  /** Whose folder it is, when not one's own. */
  unit: string | undefined;
  task: FolderTask;
  onClose: () => void;
  /** A folder that is new, or that is gone. */
  onDone: (id: Id | undefined) => void;
}

export default function FolderDialog(props: Props): JSX.Element {
  return props.task.kind === 'remove' ? (
    <Removing {...props} mailbox={props.task.mailbox} />
  ) : (
    <Naming {...props} mailbox={props.task.kind === 'rename' ? props.task.mailbox : undefined} />
  );
}

function useWork(onClose: () => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setError(undefined);
    work().then(onClose, (reason: unknown) => {
      setBusy(false);
      setError(describe(reason));
    });
  };
  return { busy, error, run };
}

function Naming({ store, unit, mailbox, onClose, onDone }: Props & { mailbox: Mailbox | undefined }): JSX.Element {
  const [name, setName] = useState(mailbox?.name ?? '');
  const [parentId, setParentId] = useState('');
  const { busy, error, run } = useWork(onClose);
  const parents = mailboxTree(store.mailboxes.values()).filter(
    ({ mailbox: { role, myRights } }) => role === null && myRights.mayCreateChild,
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = name.trim().normalize('NFC');
    if (busy || !wanted) return;
    run(async () => {
      if (mailbox) await renameFolder(store, mailbox.id, wanted);
      else onDone(await createFolder(store, wanted, parentId || null));
    });
  };
  return (
    <Dialog
      title={t(mailbox ? 'folder.rename' : 'folder.create')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="folder-form" tone="primary" disabled={busy || !name.trim()}>
            {t(mailbox ? 'folder.rename' : 'folder.make')}
          </Button>
        </>
      }
    >
      <form id="folder-form" className={css['form']} onSubmit={submit}>
        <Field
          label={t('folder.name')}
          value={name}
          maxLength={100}
          autoFocus
          error={error}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        {!mailbox && parents.length > 0 && (
          <label className={css['parent']}>
            {t('folder.parent')}
            <select value={parentId} onChange={(event) => setParentId(event.currentTarget.value)}>
              <option value="">{t('folder.noParent')}</option>
              {parents.map(({ mailbox: { id }, path }) => (
                <option key={id} value={id}>
                  {path.map((one) => one.name).join(' / ')}
                </option>
              ))}
            </select>
          </label>
        )}
        {unit !== undefined && <p className={css['hint']}>{t('folder.unitHint', { unit })}</p>}
      </form>
    </Dialog>
  );
}

function Removing({ store, unit, mailbox, onClose, onDone }: Props & { mailbox: Mailbox }): JSX.Element {
  const { busy, error, run } = useWork(onClose);
  const trash = byRole(store.mailboxes, 'trash')?.id;
  const remove = (): void =>
    run(async () => {
      if (trash === undefined) return;
      await removeFolder(store, mailbox.id, trash);
      onDone(mailbox.id);
      toast(t('folder.removed', { folder: mailbox.name }));
      quietly(store.sync());
    });
  return (
    <Dialog
      title={t('folder.remove')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="danger" disabled={busy} onClick={remove}>
            {t('folder.remove')}
          </Button>
        </>
      }
    >
      <p>{t('folder.removeAsk', { folder: mailbox.name })}</p>
      {unit !== undefined && <p className={css['hint']}>{t('folder.unitHint', { unit })}</p>}
      {error && (
        <p role="alert" className={css['error']}>
          {error}
        </p>
      )}
    </Dialog>
  );
}
