/** As mail-digest.worker.ts, but that some messages are poison. */
import { serveTasks } from '../../../base/worker-tasks.ts';
import { suffer } from '../../testing/poison.ts';
import { handedBack, messagesOf, type DigestTask } from '../digest-task.ts';
import { digestAll } from '../work.ts';

serveTasks((task: DigestTask) => {
  for (const bytes of messagesOf(task)) suffer(bytes, task.onlyHead ? '-Head' : '');
  return digestAll(task);
}, handedBack);
