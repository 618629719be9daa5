/** Uploading (RFC 8620 §6.1). */
import type { JmapParts } from '../context.ts';
import type { AccountId } from '../../base/ids.ts';
import { readBody } from '../core/limits.ts';
import { RequestProblem } from '../core/errors.ts';
import { accountIds } from '../../base/object-ids.ts';
import { wholeBlobId } from '../ids.ts';
import { mediaType } from './media-type.ts';

/** @throws RequestProblem limit */
export async function uploadBlob(parts: JmapParts, accountId: AccountId, request: Request): Promise<Response> {
  const { settings, blobs, mailstore, clock } = parts;
  const bytes = await readBody(request, settings.maxSizeUpload);
  if (!bytes)
    throw new RequestProblem('limit', `at most ${settings.maxSizeUpload} octets`, {
      status: 413,
      limit: 'maxSizeUpload',
    });
  const type = mediaType(request.headers.get('Content-Type') ?? '') ?? 'application/octet-stream';
  const staged = await blobs.stage(bytes);
  await mailstore.write(accountId, (writer) =>
    writer.recordUpload(staged, type, clock.now() + settings.uploadLifetime),
  );
  const body = { accountId: accountIds.print(accountId), blobId: wholeBlobId(staged.hash), type, size: staged.size };
  // RFC 8620 §6.1: 201 when it was made; the bytes may have been there, the right to them was not.
  return new Response(JSON.stringify(body), {
    status: 201,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  });
}
