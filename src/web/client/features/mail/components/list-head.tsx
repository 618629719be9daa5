import { useEffect, useState, type JSX, type RefObject } from 'react';
import { IconButton } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import { ChevronDown, Search, X } from '../../../lib/icons.ts';
import { pills, type Pill, type Place } from '../place.ts';
import css from './list-head.module.css';

interface Props {
  place: Place;
  folder: string;
  /** Whose mailbox it is, when not one's own: the list of folders is hidden on a phone. */
  unit: string | undefined;
  search: RefObject<HTMLInputElement | null>;
  onSearch: (q: string) => void;
  onPill: (pill: Pill) => void;
  onFolders: () => void;
  /** In the trash and in junk. */
  onEmpty: (() => void) | undefined;
}

/** Search runs on Enter: a half-typed word is a wrong question to a server far away. */
export function ListHead({ place, folder, unit, search, onSearch, onPill, onFolders, onEmpty }: Props): JSX.Element {
  const [text, setText] = useState(place.q);
  useEffect(() => setText(place.q), [place.q]);
  const clear = (): void => {
    setText('');
    onSearch('');
  };
  return (
    <div className={css['head']}>
      <button type="button" className={css['folder']} onClick={onFolders} aria-haspopup="dialog">
        <span className="sr">{t('mail.folders')}: </span>
        <span className="cut">
          {folder}
          {unit !== undefined && <span className={css['unit']}> · {unit}</span>}
        </span>
        <Icon of={ChevronDown} small />
      </button>
      <form
        role="search"
        className={css['search']}
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text.trim());
        }}
      >
        <Icon of={Search} />
        <input
          ref={search}
          type="search"
          enterKeyHint="search"
          value={text}
          placeholder={t('mail.searchHint')}
          aria-label={t('mail.search')}
          aria-keyshortcuts="/"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            clear();
            event.currentTarget.blur();
          }}
        />
        {text ? <IconButton icon={X} label={t('mail.clearSearch')} onClick={clear} /> : <kbd aria-hidden="true">/</kbd>}
      </form>
      <div className={css['pills']} role="group" aria-label={t('mail.filters')}>
        {pills.map((pill) => (
          <button key={pill} type="button" aria-pressed={place.pill === pill} onClick={() => onPill(pill)}>
            {t(`mail.pill.${pill}`)}
          </button>
        ))}
        {onEmpty && (
          <button type="button" className={css['empty']} onClick={onEmpty}>
            {t('mail.emptyTrash', { folder })}
          </button>
        )}
      </div>
    </div>
  );
}
