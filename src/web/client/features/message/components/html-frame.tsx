import { useEffect, useMemo, useRef, useState, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { frameDocument, measureTwin } from '../../../lib/html/frame.ts';
import { bringPictures } from '../../../lib/html/remote-pictures.ts';
import { sanitise } from '../../../lib/html/sanitise.ts';
import { locale, t } from '../../../lib/i18n/i18n.ts';
import { ImageOff } from '../../../lib/icons.ts';
import { setFrameDocument } from '../../../lib/trusted-types.ts';
import css from './message-body.module.css';

interface Props {
  html: string;
  inline: ReadonlyMap<string, string>;
  allowRemote: boolean;
  onAllowRemote: () => void;
  title: string;
}
/** Beyond this a twin costs more than it gives: the frame then scrolls in itself. */
const MEASURED = 600_000;

export default function HtmlFrame({ html, inline, allowRemote, onAllowRemote, title }: Props): JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const twin = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState<number>();
  const safe = useMemo(() => sanitise(html, { allowRemote, inline }), [html, allowRemote, inline]);
  useEffect(() => {
    const abort = new AbortController();
    let stop: (() => void) | undefined;
    const draw = (): void => {
      if (abort.signal.aborted) return;
      if (frame.current) setFrameDocument(frame.current, frameDocument(safe, locale()));
      if (twin.current && html.length <= MEASURED) stop = measureTwin(twin.current, safe, setHeight);
    };
    if (allowRemote) void bringPictures(safe, abort.signal).then(draw);
    else draw();
    return () => {
      abort.abort();
      stop?.();
    };
  }, [safe]);
  return (
    <>
      {safe.blocked > 0 && !allowRemote && (
        <div className={css['remote']}>
          <Icon of={ImageOff} small />
          <span className="grow">{t('message.remoteBlocked', { n: safe.blocked })}</span>
          <Button size="s" onClick={onAllowRemote}>
            {t('message.remoteAllow')}
          </Button>
        </div>
      )}
      <div className={css['frameBox']}>
        <div ref={twin} className={css['twin']} aria-hidden="true" inert />
        <iframe
          ref={frame}
          title={title}
          className={css['frame']}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          style={height === undefined ? { height: '60vh' } : { height }}
        />
      </div>
    </>
  );
}
