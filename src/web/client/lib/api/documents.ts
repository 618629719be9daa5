import type {
  CorrespondenceRow,
  Direction,
  DocumentRow,
  DocumentView,
  RegisterView,
} from '../../../../base/api-types.ts';
import { api, send } from '../http.ts';

export interface DocumentSearch {
  q?: string;
  direction?: Direction;
  unit?: string;
  year?: number;
  cursor?: string;
  limit?: number;
}
export async function searchDocuments(
  search: DocumentSearch,
  signal?: AbortSignal,
): Promise<{ documents: DocumentRow[]; nextCursor: string | null }> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search))
    if (value !== undefined && value !== '') query.set(key, String(value));
  return api('GET', `/documents?${query}`, undefined, signal);
}
export const getDocument = (id: number, signal?: AbortSignal): Promise<DocumentView> =>
  api('GET', `/documents/${id}`, undefined, signal);
export const getCorrespondence = (
  id: number,
  cursor?: string,
  limit = 50,
): Promise<{ correspondence: CorrespondenceRow[]; nextCursor: string | null }> =>
  api('GET', `/documents/${id}/correspondence?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
export const getRegisters = async (): Promise<RegisterView[]> =>
  (await api<{ registers: RegisterView[] }>('GET', '/registers')).registers;
export const documentFilePath = (documentId: number, fileId: number): string =>
  `/api/v1/documents/${documentId}/files/${fileId}/content`;
export async function fetchDocumentFile(documentId: number, fileId: number): Promise<Blob> {
  return (await send(documentFilePath(documentId, fileId))).blob();
}
