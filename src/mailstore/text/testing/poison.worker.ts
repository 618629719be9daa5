/** As mail-text.worker.ts, but that some messages are poison. */
import { serveTasks } from '../../../base/worker-tasks.ts';
import { suffer } from '../../testing/poison.ts';
import { createReading } from '../read.ts';
import { joined, packedUp, type ReadTask } from '../read-task.ts';

const reading = createReading('sqlite');

serveTasks(
  async (task: ReadTask) => {
    suffer(task.octets);
    const messages = [];
    for (const source of joined(task)) messages.push(await reading.read(source));
    return packedUp(messages);
  },
  ({ octets }) => [octets.buffer],
);
