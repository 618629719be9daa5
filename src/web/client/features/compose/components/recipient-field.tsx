import { useId, type JSX, type ReactNode } from 'react';
import { Avatar } from '../../../components/avatar.tsx';
import { Icon } from '../../../components/icon.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import { TriangleAlert, X } from '../../../lib/icons.ts';
import { useRecipientPicker } from '../hooks/use-recipient-picker.ts';
import type { Recipient } from '../recipients.ts';
import css from './recipient-field.module.css';

interface Props {
  label: string;
  value: readonly Recipient[];
  onChange: (next: readonly Recipient[]) => void;
  autoFocus?: boolean;
  children?: ReactNode;
}

export function RecipientField({ label, value, onChange, autoFocus, children }: Props): JSX.Element {
  const id = useId();
  const picker = useRecipientPicker(value, onChange);
  const open = picker.entries.length > 0;
  return (
    <div className={css['field']}>
      <label htmlFor={id}>{label}</label>
      <div className={css['box']}>
        {value.map((one) => (
          <Chip key={one.email} recipient={one} onRemove={() => picker.remove(one.email)} />
        ))}
        <input
          id={id}
          value={picker.text}
          ref={(element) => {
            if (!autoFocus || !element || element.dataset['ready']) return;
            element.dataset['ready'] = 'yes';
            element.focus();
          }}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          role="combobox"
          aria-expanded={open}
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          {...(open ? { 'aria-activedescendant': `${id}-${picker.active}` } : {})}
          onChange={(event) => picker.setText(event.currentTarget.value)}
          onKeyDown={picker.onKeyDown}
          onPaste={picker.onPaste}
          onBlur={picker.onBlur}
        />
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label={t('compose.suggestions')}
          className={css['list']}
          hidden={!open}
        >
          {picker.entries.map((entry, at) => (
            <li
              key={entry.address}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === picker.active}
              // Before the field loses focus, or what was typed would be taken first.
              onMouseDown={(event) => {
                event.preventDefault();
                picker.choose(entry);
              }}
            >
              <Avatar name={entry.name} unit={entry.kind === 'unit'} />
              <span className="grow">
                <span className="cut">
                  <b>{entry.name}</b>
                  {entry.kind === 'title' && ` · ${t('directory.titleMailbox')}`}
                </span>
                <small className="cut">
                  {[entry.title, entry.kind === 'unit' ? null : entry.unitName, entry.address]
                    .filter(Boolean)
                    .join(' · ')}
                </small>
              </span>
            </li>
          ))}
        </ul>
      </div>
      {children}
    </div>
  );
}

function Chip({ recipient, onRemove }: { recipient: Recipient; onRemove: () => void }): JSX.Element {
  const { kind, name, email } = recipient;
  const shown = name || email;
  return (
    <span
      className={`${css['chip']} ${css[kind] ?? ''}`}
      title={kind === 'invalid' ? t('compose.invalidAddress') : [email, recipient.unitName].filter(Boolean).join(' · ')}
    >
      {kind === 'invalid' && <Icon of={TriangleAlert} small label={t('compose.invalidAddress')} />}
      <span className="cut">{shown}</span>
      <button type="button" aria-label={t('compose.removeRecipient', { name: shown })} onClick={onRemove}>
        <Icon of={X} small />
      </button>
    </span>
  );
}
