import type { Bus } from './database.ts';

/** In-process bus; a listener that throws is dropped from this round, not from the others. */
export function createBus(onListenerError: (error: unknown) => void = () => undefined): Bus {
  const topics = new Map<string, Set<() => void>>();
  return {
    emit(topic) {
      for (const listener of [...(topics.get(topic) ?? [])]) {
        try {
          listener();
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    subscribe(topic, listener) {
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners);
      // A fresh function, so that subscribing the same one twice ends separately.
      const own = () => listener();
      listeners.add(own);
      return () => {
        listeners.delete(own);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
  };
}
