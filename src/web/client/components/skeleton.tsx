import type { JSX } from 'react';
import css from './skeleton.module.css';

/** Grey lines where text will stand; takes the room of the real thing. */
export function Skeleton({ lines = 3 }: { lines?: number }): JSX.Element {
  return (
    <div className={css['skeleton']} aria-hidden="true">
      {Array.from({ length: lines }, (_, at) => (
        <i key={at} />
      ))}
    </div>
  );
}
