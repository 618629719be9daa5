/** What a message does to the thread that reads it, by what it says: as a mistake of ours might. */
export function suffer(octets: Uint8Array, also = ''): void {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
  const does = new RegExp(`X-Poison${also}: (spin|eat)`).exec(text)?.[1];
  if (does === 'spin') for (;;) Math.random();
  const kept: unknown[] = [];
  while (does === 'eat') kept.push(new Array(1000).fill(Math.random()));
}
