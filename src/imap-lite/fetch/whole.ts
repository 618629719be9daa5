/** Whole messages, many one after the other: read and put together beside what is sent (blobs/series.ts). */
import { BrokenOff, type Item, type SeriesChunk } from '../../blobs/blob-store.ts';
import type { FetchRow } from '../../mailstore/types.ts';
import type { Answer, Done } from '../commands/command.ts';
import { asError, Torn } from '../errors.ts';
import type { Session } from '../session.ts';
import type { FetchAtt } from '../wire/fetch-att.ts';
import { aroundWhole } from './render.ts';

export interface WholeAnswer {
  readonly seq: number;
  readonly row: FetchRow;
  readonly atts: readonly FetchAtt[];
}

/** One command's answers. */
export async function sendWhole(session: Session, answers: readonly WholeAnswer[]): Promise<void> {
  for await (const { bytes, error } of chunksOf(session, answers)) {
    if (error) throw error;
    session.out.raw(bytes);
    await session.out.settle();
  }
}

/** Each of them of a command of its own. One that cannot be read keeps nothing from the others. */
export async function sendWholeApart(
  session: Session,
  answers: readonly (WholeAnswer | Done | Error)[],
  answer: Answer,
  done: Done,
): Promise<void> {
  const { out } = session;
  let next = 0;
  const withoutMessage = async (): Promise<void> => {
    for (let one = answers[next]; one && !('row' in one); one = answers[++next]) await answer(one);
  };
  for (await withoutMessage(); next < answers.length; await withoutMessage()) {
    const left = answers.slice(next).flatMap((one) => ('row' in one ? [one] : []));
    for await (const { bytes, ends, error } of chunksOf(session, left)) {
      let at = 0;
      for (const end of ends) {
        out.raw(bytes.subarray(at, end));
        at = end;
        await answer(done);
        next++;
        await withoutMessage();
      }
      if (at < bytes.length) out.raw(bytes.subarray(at));
      await out.settle();
      if (!error) continue;
      await answer(error);
      next++;
    }
  }
}

interface Chunk extends SeriesChunk {
  /** Nothing follows: why one could not be read. */
  readonly error?: Error;
}

async function* chunksOf(session: Session, answers: readonly WholeAnswer[]): AsyncGenerator<Chunk, void> {
  const items = answers.map(({ seq, row, atts }): Item => {
    const { blobHash: hash, size } = row;
    return { hash, size, ...aroundWhole(session, seq, row, atts) };
  });
  try {
    yield* session.store.series(items);
  } catch (thrown) {
    const error =
      thrown instanceof BrokenOff ? new Torn('a FETCH response broke off', { cause: thrown }) : asError(thrown);
    yield { bytes: new Uint8Array(0), ends: [], error };
  }
}
