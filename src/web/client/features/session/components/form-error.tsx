import type { JSX } from 'react';
import { Icon } from '../../../components/icon.tsx';
import { CircleAlert } from '../../../lib/icons.ts';
import css from './entry-frame.module.css';

export function FormError({ text }: { text: string | undefined }): JSX.Element | null {
  if (!text) return null;
  return (
    <div role="alert" className={css['error']}>
      <Icon of={CircleAlert} small />
      <span>{text}</span>
    </div>
  );
}
