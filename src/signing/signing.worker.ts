/** The thread that touches what strangers wrote: dist/workers/signing.js in the bundle. */
import { standBehind } from '../base/priority.ts';
import { serveTasks } from '../base/worker-tasks.ts';
import { check } from './check.ts';
import { checkEnrolment } from './enrol-check.ts';
import { inspect } from './inspect.ts';
import type { SigningTask } from './worker.ts';

standBehind();
serveTasks((task: SigningTask): Promise<unknown> => {
  switch (task.task) {
    case 'inspect':
      return inspect(task.input);
    case 'check':
      return check(task.input);
    case 'enrol':
      return checkEnrolment(task.input);
  }
});
