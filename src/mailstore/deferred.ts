/** A promise that somebody else resolves. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export function deferred(): Deferred {
  const ends = {} as Omit<Deferred, 'promise'>;
  const promise = new Promise<void>((resolve, reject) => Object.assign(ends, { resolve, reject }));
  // Perhaps nobody waits for it.
  promise.catch(() => undefined);
  return { promise, ...ends };
}
