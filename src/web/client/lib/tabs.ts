/** What the tabs of one browser tell each other: who signed in (id), or that somebody signed out (null). */
const NAME = 'congvu.session';

export function tellTabs(official: number | null): void {
  if (!('BroadcastChannel' in globalThis)) return;
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(official);
  channel.close();
}
/** @returns the function that ends it */
export function listenToTabs(listener: (official: number | null) => void): () => void {
  if (!('BroadcastChannel' in globalThis)) return () => undefined;
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === null || typeof data === 'number') listener(data);
  };
  return () => channel.close();
}
