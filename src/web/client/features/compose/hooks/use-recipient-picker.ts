/** The recipient field's behaviour: suggestions while typing, keys, paste of lists, what stays when one leaves. */
import { useEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import type { DirectoryEntryView } from '../../../../../base/api-types.ts';
import { searchDirectory } from '../../../lib/api/directory.ts';
import { useRested } from '../../../lib/use-query.ts';
import { addRecipients, fromEntry, isAddress, parseRecipients, type Recipient } from '../recipients.ts';

export interface RecipientPicker {
  text: string;
  setText: (text: string) => void;
  entries: readonly DirectoryEntryView[];
  active: number;
  choose: (entry: DirectoryEntryView) => void;
  remove: (email: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void;
  onPaste: (event: ClipboardEvent<HTMLInputElement>) => void;
  onBlur: () => void;
}

interface Suggestions {
  entries: readonly DirectoryEntryView[];
  active: number;
  setEntries: (entries: readonly DirectoryEntryView[]) => void;
  setActive: (active: number) => void;
}
/** Who is meant by what was typed, without those already chosen. */
function useSuggestions(typed: string, latest: { current: readonly Recipient[] }): Suggestions {
  const [entries, setEntries] = useState<readonly DirectoryEntryView[]>([]);
  const [active, setActive] = useState(0);
  const asked = useRested(typed, 150);
  useEffect(() => {
    if (asked.length < 1 || /[,;]/.test(asked)) return setEntries([]);
    const abort = new AbortController();
    searchDirectory(asked, 8, abort.signal).then(
      (found) => {
        setEntries(
          found.filter(
            ({ address }) => !latest.current.some(({ email }) => email.toLowerCase() === address.toLowerCase()),
          ),
        );
        setActive(0);
      },
      () => !abort.signal.aborted && setEntries([]),
    );
    return () => abort.abort();
  }, [asked]);
  return { entries, active, setEntries, setActive };
}

export function useRecipientPicker(
  value: readonly Recipient[],
  onChange: (next: readonly Recipient[]) => void,
): RecipientPicker {
  const [text, setText] = useState('');
  const latest = useRef(value);
  latest.current = value;
  const { entries, active, setEntries, setActive } = useSuggestions(text.trim(), latest);

  const add = (added: readonly Recipient[]): void => {
    if (added.length > 0) onChange(addRecipients(latest.current, added));
    setText('');
    setEntries([]);
  };
  const addTyped = (): void => add(parseRecipients(text));
  const choose = (entry: DirectoryEntryView): void => add([fromEntry(entry)]);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // Keys of an input method that is still composing are not for us.
    if (event.nativeEvent.isComposing) return;
    const entry = entries[active];
    const done = (): void => event.preventDefault();
    if (event.key === 'ArrowDown' && entries.length > 0) return (setActive((active + 1) % entries.length), done());
    if (event.key === 'ArrowUp' && entries.length > 0)
      return (setActive((active + entries.length - 1) % entries.length), done());
    if (event.key === 'Escape' && entries.length > 0) return (setEntries([]), event.stopPropagation(), done());
    if (event.key === 'Backspace' && text === '') return onChange(latest.current.slice(0, -1));
    if (text.trim() === '') return;
    // A whole address is meant as typed, also while a name is suggested.
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (entry && !isAddress(text.trim())) choose(entry);
      else addTyped();
      return event.key === 'Enter' || entry ? done() : undefined;
    }
    if (event.key === ',' || event.key === ';') return (addTyped(), done());
    if (event.key === ' ' && isAddress(text.trim())) return (addTyped(), done());
  };
  return {
    text,
    setText,
    entries,
    active,
    choose,
    remove: (email) => onChange(latest.current.filter((one) => one.email !== email)),
    onKeyDown,
    onPaste: (event) => {
      const pasted = event.clipboardData.getData('text');
      const list = parseRecipients(pasted);
      if (list.length < 2 && !list.some(({ kind }) => kind === 'unknown')) return;
      event.preventDefault();
      add(list);
    },
    onBlur: () => text.trim() !== '' && addTyped(),
  };
}
