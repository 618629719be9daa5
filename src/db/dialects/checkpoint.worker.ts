/** Copies the write-ahead log back into the database file, and syncs both; a connection of its own, kept open between tasks. */
import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { serveTasks } from '../../base/worker-tasks.ts';
import { connect } from './sqlite-connection.ts';

export type CheckpointTask = { file: string; busyTimeout: number } | { close: true };

/** Pages in the log; how many of them the file has too. */
export interface LogState {
  log: number;
  checkpointed: number;
}

let connection: DatabaseSyncInstance | undefined;

serveTasks((task: CheckpointTask): LogState => {
  if ('close' in task) {
    connection?.close();
    connection = undefined;
    return { log: 0, checkpointed: 0 };
  }
  connection ??= connect(task.file, { busyTimeout: task.busyTimeout, readOnly: false });
  // PASSIVE waits for nobody: what a reader still needs stays in the log.
  return connection.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as LogState;
});
