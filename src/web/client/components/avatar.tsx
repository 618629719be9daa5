import type { JSX } from 'react';
import { initials } from '../lib/format.ts';
import css from './avatar.module.css';

export function Avatar({ name, unit, large }: { name: string; unit?: boolean; large?: boolean }): JSX.Element {
  return (
    <span className={`${css['avatar']} ${unit ? css['unit'] : ''} ${large ? css['large'] : ''}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
