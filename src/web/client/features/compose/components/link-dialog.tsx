import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import { linkAddress } from '../link-address.ts';

interface Props {
  href: string;
  /** undefined takes the link away. */
  onLink: (href: string | undefined) => void;
  onClose: () => void;
}

export function LinkDialog({ href, onLink, onClose }: Props): JSX.Element {
  const [text, setText] = useState(href);
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = linkAddress(text);
    if (found === undefined) return setError(t('compose.linkBad'));
    onLink(found);
  };
  return (
    <Dialog
      title={t('compose.link')}
      onClose={onClose}
      footer={
        <>
          {href !== '' && <Button onClick={() => onLink(undefined)}>{t('compose.linkRemove')}</Button>}
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="link-form" tone="primary">
            {t('compose.linkSet')}
          </Button>
        </>
      }
    >
      <form id="link-form" onSubmit={submit} noValidate>
        <Field
          label={t('compose.linkAddress')}
          placeholder="https://"
          inputMode="url"
          autoComplete="off"
          autoFocus
          value={text}
          error={error}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  );
}
