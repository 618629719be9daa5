/** The thread that reads the text of mail and splits it into words: dist/workers/mail-text.js in the bundle. */
import { standBehind } from '../../base/priority.ts';
import { serveTasks } from '../../base/worker-tasks.ts';
import { createReading, type Reading } from './read.ts';
import { joined, packedUp, type ReadAnswer, type ReadTask } from './read-task.ts';

let reading: Reading | undefined;

standBehind();
serveTasks(
  async ({ dialect, fresh, ...task }: ReadTask): Promise<ReadAnswer> => {
    reading ??= createReading(dialect);
    if (fresh) reading.forget();
    const messages = [];
    for (const source of joined(task)) messages.push(await reading.read(source));
    return packedUp(messages);
  },
  ({ octets }) => [octets.buffer],
);
