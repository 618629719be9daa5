/** How many things an official does at once. */
export interface Gate {
  /** @returns the function that leaves, or undefined when full. */
  enter(who: number): (() => void) | undefined;
}

export function createGate(most: number): Gate {
  const inside = new Map<number, number>();
  return {
    enter(who) {
      const count = inside.get(who) ?? 0;
      if (count >= most) return undefined;
      inside.set(who, count + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const now = (inside.get(who) ?? 1) - 1;
        if (now === 0) inside.delete(who);
        else inside.set(who, now);
      };
    },
  };
}

/** The body, read no further than `most` octets. Undefined: too large. */
export async function readBody(request: Request, most: number): Promise<Uint8Array | undefined> {
  const announced = Number(request.headers.get('Content-Length') ?? 0);
  if (announced > most) return undefined;
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}
