/** Text is indexed after its delivery; a search waits for it. */
export interface Indexing {
  /** From now on mail is indexed soon after it came, without anyone asking. */
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is pending. */
  settle(): Promise<void>;
}
