import type { Invocation, JmapClient } from '../lib/jmap/client.ts';

export interface FakeClient {
  client: JmapClient;
  calls: Invocation[];
  uploads: number;
}

/**
 * A JMAP client that remembers the calls and answers by the id of each; an Error is thrown when its answer is read, `refuses`
 * instead of any answer.
 */
export function fakeClient(answer: (id: string) => unknown, blobId = 'B1', refuses?: Error): FakeClient {
  const made: FakeClient = {
    calls: [],
    uploads: 0,
    client: {
      upload: async () => {
        made.uploads++;
        return blobId;
      },
      call: async (calls: Invocation[]) => {
        made.calls.push(...calls);
        if (refuses) throw refuses;
        return {
          get: (id: string) => {
            const found = answer(id);
            if (found instanceof Error) throw found;
            return found;
          },
        };
      },
    } as unknown as JmapClient,
  };
  return made;
}
