/**
 * What our test uses of the third-party client jmap-jam (tsconfig.json, "paths"): its own declarations lead to another package's
 * TypeScript sources, which would be compiled with our options.
 */
type Ids = readonly string[];
type Arguments = { accountId: string } & Record<string, unknown>;
interface Row {
  id: string;
  [property: string]: unknown;
}
/** A call answers with its arguments and the response's headers. */
type Called<T> = Promise<[T, unknown]>;
interface Got {
  list: Row[];
}
interface Created {
  created?: Record<string, { id: string }> | null;
}
/** A call not yet made, to which others may refer (RFC 8620 §3.7). */
interface Draft<T> {
  $ref(path: string): Ids;
  /** Only in the types. */
  readonly answer?: T;
}

export class JamClient {
  constructor(config: { bearerToken: string; sessionUrl: string });
  getPrimaryAccount(): Promise<string>;
  uploadBlob(accountId: string, body: Blob): Promise<{ blobId: string }>;
  downloadBlob(options: { accountId: string; blobId: string; mimeType: string; fileName: string }): Promise<Response>;
  readonly api: {
    Email: { import(args: Arguments): Called<Created> };
    EmailSubmission: { set(args: Arguments): Called<Created> };
    Identity: { get(args: Arguments): Called<Got> };
  };
  requestMany<R extends Record<string, Draft<unknown>>>(
    make: (t: { Email: { query(args: Arguments): Draft<{ ids: string[] }>; get(args: Arguments): Draft<Got> } }) => R,
  ): Called<{ [K in keyof R]: R[K] extends Draft<infer T> ? T : never }>;
}
