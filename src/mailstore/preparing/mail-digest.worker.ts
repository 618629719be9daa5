/** The thread that takes mail apart when much comes at once: dist/workers/mail-digest.js in the bundle. */
import { standBehind } from '../../base/priority.ts';
import { serveTasks } from '../../base/worker-tasks.ts';
import { handedBack } from './digest-task.ts';
import { digestAll } from './work.ts';

standBehind();
serveTasks(digestAll, handedBack);
