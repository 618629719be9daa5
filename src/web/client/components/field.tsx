import { useId, type ComponentProps, type JSX, type ReactNode } from 'react';
import { useAutoFocus } from '../lib/focus.ts';
import css from './field.module.css';

interface Props extends ComponentProps<'input'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}
/** Label above, hint or error below, tied for screen readers. */
export function Field({ label, hint, error, ...rest }: Props): JSX.Element {
  const id = useId();
  const input = useAutoFocus(rest.autoFocus ?? false);
  return (
    <div className={css['field']}>
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        className={css['input']}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        {...rest}
      />
      {(error || hint) && (
        <div id={`${id}-note`} className={error ? css['error'] : css['hint']} {...(error ? { role: 'alert' } : {})}>
          {error ?? hint}
        </div>
      )}
    </div>
  );
}
