/** Content that lies here already and comes again: it is not taken apart, and it does not go meanwhile. */
import { rmSync, statSync, utimesSync } from 'node:fs';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import { isDomainError } from '../base/errors.ts';
import { ROW_BYTES } from './blob-store.ts';
import { placeIn } from './folder.ts';
import { YOUNG } from './rows.ts';
import { noise } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles, type Letter } from './testing/sharing.ts';

const HOUR = 3_600_000;

describe.each(dialects)('content that lies here already ($dialect)', ({ open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  afterAll(() => store.dispose());
  beforeEach(() => store.fresh());

  const known = ({ bytes }: Letter) => store.blobs.stageKnown(bytes, sha256(bytes));
  const small = letter('nhỏ', noise(3000));
  const file = noise(ROW_BYTES + 1);
  const large = letter('lớn', file);

  it.each([
    ['in rows', small],
    ['partly in a file', large],
    ['without files', letter('chỉ có chữ')],
  ])('%s is known, recorded again and read', async (_, made) => {
    expect(await known(made)).toBeUndefined();
    const hash = await store.put(made);
    const staged = (await known(made))!;
    expect(staged).toMatchObject({ hash, size: made.bytes.length, rows: [] });
    expect(Buffer.compare(await store.blobs.staged(staged), made.bytes)).toBe(0);
    await store.record(staged);
    await store.expectRead(hash, made.bytes);
    expect(await store.findings()).toEqual([]);
  });

  it.each([
    ['its row', small],
    ['a row that it needs', small],
    ['a file that it needs', large],
  ])('is not known any more without %s', async (what, made) => {
    const hash = await store.put(made);
    if (what === 'its row') await store.blobs.sweep(only(sha256(noise(3000))), NOW + 1);
    else if (what === 'a file that it needs') rmSync(placeIn(store.folder, sha256(file)));
    else await store.db.write(({ q }) => q.statement(`delete from "blobs" where "hash" <> '${hash}'`, []));
    expect(await known(made)).toBeUndefined();
  });

  it('that is old is young again once it is recorded: no sweep takes it or its file', async () => {
    const hash = await store.put(large);
    store.clock.advance(10 * HOUR);
    const path = placeIn(store.folder, sha256(file));
    utimesSync(path, new Date(NOW), new Date(NOW));
    await store.record((await known(large))!);
    expect(statSync(path).mtimeMs).toBeGreaterThan(NOW);
    expect(await store.blobs.sweep(only(), store.clock.now() - HOUR)).toBe(0);
    await store.expectRead(hash, large.bytes);
  });

  it('that is young stays as it is: nothing sweeps it', async () => {
    const hash = await store.put(small);
    store.clock.advance(YOUNG);
    await store.record((await known(small))!);
    expect(await store.blobs.sweep(only(), NOW + 1)).toBe(2);
    store.clock.set(NOW);
    await store.put(small);
    store.clock.advance(YOUNG + 1);
    await store.record((await known(small))!);
    expect(await store.blobs.sweep(only(), NOW + 1)).toBe(0);
    await store.expectRead(hash, small.bytes);
  });

  it.each(['all of it', 'a part of it'])('and goes before it is recorded (%s) is not recorded', async (what) => {
    await store.put(small);
    const staged = (await known(small))!;
    store.clock.advance(10 * HOUR);
    if (what === 'all of it') await store.blobs.sweep(only(), NOW + 1);
    else await store.db.write(({ q }) => q.statement(`delete from "blobs" where "hash" <> '${staged.hash}'`, []));
    await expect(store.record(staged)).rejects.toSatisfy((error) => isDomainError(error, 'blob.swept'));
  });
});
