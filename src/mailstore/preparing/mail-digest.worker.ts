/** The thread that takes mail apart when much comes at once: dist/workers/mail-digest.js in the bundle. */
import { serveTasks } from '../../base/worker-tasks.ts';
import { digest } from './digest.ts';
import { answerOf, messagesOf, type DigestAnswer, type DigestTask } from './digest-task.ts';

serveTasks(
  async (task: DigestTask): Promise<DigestAnswer> => {
    const digests = [];
    // One that fails fails alone.
    for (const bytes of messagesOf(task)) digests.push(await digest(bytes).catch(String));
    return answerOf(digests);
  },
  ({ octets }) => [octets.buffer],
);
