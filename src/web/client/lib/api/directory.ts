import type { DirectoryEntryView, UnitView } from '../../../../base/api-types.ts';
import { api } from '../http.ts';

export async function searchDirectory(q: string, limit = 8, signal?: AbortSignal): Promise<DirectoryEntryView[]> {
  const answer = await api<{ entries: DirectoryEntryView[] }>(
    'GET',
    `/directory/entries?q=${encodeURIComponent(q)}&limit=${limit}`,
    undefined,
    signal,
  );
  return answer.entries;
}
export async function listUnits(): Promise<UnitView[]> {
  return (await api<{ units: UnitView[] }>('GET', '/directory/units')).units;
}
