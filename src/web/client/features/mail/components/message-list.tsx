import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, Inbox, Search } from '../../../lib/icons.ts';
import type { EmailRow, Id } from '../../../lib/jmap/types.ts';
import type { MailList } from '../hooks/use-mail-list.ts';
import { rowScope } from '../hooks/use-mail-list.ts';
import { useSteadyRows } from '../hooks/use-steady-rows.ts';
import type { Selection } from '../hooks/use-selection.ts';
import { placePath, type Place } from '../place.ts';
import { hasChips, isOutgoing, rowView } from '../row-view.ts';
import { ListRow } from './list-row.tsx';
import css from './message-list.module.css';

interface Props {
  place: Place;
  list: MailList;
  selection: Selection;
  unitAddresses: ReadonlySet<string>;
  onOpen: (id: Id) => void;
  onStar: (ids: readonly Id[]) => void;
}
const PLAIN = 78;
const CHIPPED = 103;

export function MessageList({ place, list, selection, unitAddresses, onOpen, onStar }: Props): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const { ids, store, query } = list;
  const rowAt = (at: number): EmailRow | undefined => {
    const id = ids?.[at];
    return id ? store.emails.get(id) : undefined;
  };
  const virtual = useVirtualizer({
    count: ids?.length ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => {
      const row = rowAt(at);
      return row && hasChips(row) ? CHIPPED : PLAIN;
    },
    overscan: 8,
    getItemKey: (at) => ids?.[at] ?? `gap-${at}`,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => list.show(first, last), [first, last, ids, list.show]);
  // Rows that came in know now whether they carry chips.
  useEffect(() => virtual.measure(), [ids, store.snapshot()]);
  const at = place.emailId && ids ? ids.indexOf(place.emailId) : -1;
  // Once for each message that is opened: the list then stays where its reader puts it.
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [place.emailId, at >= 0]);
  useSteadyRows(scroller, virtual, query, ids);

  if (list.error && !ids)
    return (
      <EmptyState icon={CircleAlert} title={t('mail.listFailed')}>
        <p>{describe(list.error)}</p>
        <Button onClick={list.retry}>{t('common.retry')}</Button>
      </EmptyState>
    );
  if (!ids) return <ListSkeleton />;
  if (ids.length === 0) return <EmptyList place={place} />;
  const outgoing = isOutgoing(store.mailboxes.get(place.mailboxId)) && !place.q;
  return (
    <div ref={scroller} className={css['scroller']}>
      <div role="list" aria-label={t('mail.list')} className={css['inner']} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rowAt(item.index);
          return (
            <div
              key={item.key}
              role="listitem"
              aria-setsize={ids.length}
              aria-posinset={item.index + 1}
              className={css['item']}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {row ? (
                <ListRow
                  row={row}
                  view={rowView(row, rowScope(store, query, row.id), outgoing, unitAddresses)}
                  snippet={list.snippets.get(row.id)}
                  current={row.id === place.emailId}
                  ticked={selection.has(row.id)}
                  ticking={selection.ids.length > 0}
                  href={placePath({ ...place, emailId: row.id })}
                  onOpen={onOpen}
                  onTick={selection.toggle}
                  onStar={(id) => onStar([id])}
                />
              ) : (
                <div className={css['gap']}>
                  <Skeleton />
                </div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function ListSkeleton(): JSX.Element {
  return (
    <div className={css['scroller']} aria-busy="true" aria-label={t('common.loading')}>
      {Array.from({ length: 8 }, (_, at) => (
        <div key={at} className={css['gap']}>
          <Skeleton />
        </div>
      ))}
    </div>
  );
}

function EmptyList({ place }: { place: Place }): JSX.Element {
  if (place.q)
    return (
      <EmptyState icon={Search} title={t('mail.nothingFound', { q: place.q })}>
        {t('mail.nothingFoundHint')}
      </EmptyState>
    );
  return (
    <EmptyState icon={Inbox} title={place.pill === 'all' ? t('mail.empty') : t('mail.emptyFilter')}>
      {place.pill === 'all' ? t('mail.emptyHint') : t('mail.emptyFilterHint')}
    </EmptyState>
  );
}
