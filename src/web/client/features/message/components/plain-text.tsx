import type { JSX } from 'react';
import { t } from '../../../lib/i18n/i18n.ts';
import { plainBlocks, type Inline } from '../../../lib/html/plain.ts';
import css from './message-body.module.css';

function Line({ line }: { line: Inline[] }): JSX.Element {
  return (
    <>
      {line.map((part, at) =>
        'href' in part ? (
          <a key={at} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ) : (
          part.text
        ),
      )}
      {'\n'}
    </>
  );
}

export function PlainText({ text }: { text: string }): JSX.Element {
  return (
    <div className={css['plain']}>
      {plainBlocks(text).map((block, at) => {
        const lines = block.lines.map((line, n) => <Line key={n} line={line} />);
        if (!block.quoted) return <div key={at}>{lines}</div>;
        return (
          <details key={at} className={css['quote']}>
            <summary>{t('message.quoted', { n: block.lines.length })}</summary>
            <div>{lines}</div>
          </details>
        );
      })}
    </div>
  );
}
