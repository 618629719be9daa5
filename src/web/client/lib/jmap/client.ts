/** JMAP over fetch (RFC 8620 §3, §6): batched calls with back-references, blobs up with progress and down as bytes. */
import { ApiError, online, send, signedOut } from '../http.ts';
import { CORE, MAIL, OFFICIAL, SUBMISSION, type Id, type JmapSession } from './types.ts';

export type Invocation = [name: string, args: Record<string, unknown>, callId: string];

export class JmapError extends Error {
  readonly type: string;
  constructor(type: string, description?: string) {
    super(description ?? type);
    this.name = 'JmapError';
    this.type = type;
  }
}

function errorOf(args: Record<string, unknown>): JmapError {
  const { type, description } = args;
  return new JmapError(
    typeof type === 'string' ? type : 'serverFail',
    typeof description === 'string' ? description : undefined,
  );
}

export interface Answers {
  /** The arguments of the answer to a call. @throws JmapError when the call failed. */
  get: <T>(callId: string) => T;
  /** Undefined when the call failed with this error. */
  unless: <T>(callId: string, type: string) => T | undefined;
}

export class JmapClient {
  readonly session: JmapSession;
  constructor(session: JmapSession) {
    this.session = session;
  }

  static async connect(): Promise<JmapClient> {
    // RFC 8620 §2.2: the well-known address may redirect; fetch follows.
    const response = await send('/.well-known/jmap');
    return new JmapClient((await response.json()) as JmapSession);
  }

  async call(methodCalls: Invocation[]): Promise<Answers> {
    const using = [
      CORE,
      MAIL,
      OFFICIAL,
      ...(methodCalls.some(([name]) => /^(Identity|EmailSubmission)/.test(name)) ? [SUBMISSION] : []),
    ];
    const response = await send(this.session.apiUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ using, methodCalls }),
    });
    const body = (await response.json()) as { methodResponses: Invocation[] };
    // RFC 8620 §3.4: one call may have several answers (implicit ones come after); the first is the call's own.
    const byId = new Map<string, Invocation>();
    for (const answer of body.methodResponses) if (!byId.has(answer[2])) byId.set(answer[2], answer);
    const get = <T>(callId: string): T => {
      const answer = byId.get(callId);
      if (!answer) throw new JmapError('noAnswer', callId);
      if (answer[0] === 'error') throw errorOf(answer[1]);
      return answer[1] as T;
    };
    const unless = <T>(callId: string, type: string): T | undefined => {
      const answer = byId.get(callId);
      return answer?.[0] === 'error' && answer[1]['type'] === type ? undefined : get<T>(callId);
    };
    return { get, unless };
  }

  downloadUrl(accountId: Id, blobId: Id, name: string, type: string): string {
    const values: Record<string, string> = { accountId, blobId, name, type };
    return this.session.downloadUrl.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  }

  async download(accountId: Id, blobId: Id, type = 'application/octet-stream', signal?: AbortSignal): Promise<Blob> {
    const response = await send(this.downloadUrl(accountId, blobId, 'blob', type), signal ? { signal } : {});
    return response.blob();
  }

  /** fetch cannot report upload progress; XMLHttpRequest can. */
  upload(accountId: Id, data: Blob, onProgress?: (part: number) => void, signal?: AbortSignal): Promise<Id> {
    const url = this.session.uploadUrl.replace('{accountId}', encodeURIComponent(accountId));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', url);
      request.responseType = 'json';
      request.setRequestHeader('content-type', data.type || 'application/octet-stream');
      request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
      request.onload = () => {
        const body: unknown = request.response;
        if (request.status < 300 && typeof body === 'object' && body !== null && 'blobId' in body)
          resolve(String(body.blobId));
        else if (request.status === 401) {
          signedOut.set((n) => n + 1);
          reject(new ApiError('http.401', 401));
        } else
          reject(new ApiError(request.status === 413 ? 'upload.too_large' : `http.${request.status}`, request.status));
      };
      request.onerror = () => {
        online.set(false);
        reject(new ApiError('network', 0));
      };
      request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      request.send(data);
    });
  }

  get maxUpload(): number {
    const value = this.session.capabilities[CORE]?.['maxSizeUpload'];
    return typeof value === 'number' ? value : 50_000_000;
  }
}
