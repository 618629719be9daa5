/** Every command that we know, by its name. */
import { deleteAcl, getAcl, listRights, myRights, setAcl } from './acl.ts';
import { append } from './append.ts';
import { authenticate } from './authenticate.ts';
import { capability } from './capability.ts';
import { close, unselect } from './close.ts';
import type { Command } from './command.ts';
import { compress } from './compress.ts';
import { copy, move } from './copy.ts';
import { create } from './create.ts';
import { deleteCommand } from './delete.ts';
import { enable } from './enable.ts';
import { expunge } from './expunge.ts';
import { fetchCommand } from './fetch.ts';
import { getJmapAccess } from './get-jmap-access.ts';
import { id } from './id.ts';
import { idle } from './idle.ts';
import { list, lsub } from './list.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { namespace } from './namespace.ts';
import { check, noop } from './noop.ts';
import { getQuota, getQuotaRoot } from './quota.ts';
import { rename } from './rename.ts';
import { searchCommand } from './search.ts';
import { examine, selectCommand } from './select.ts';
import { sort } from './sort.ts';
import { starttls } from './starttls.ts';
import { status } from './status.ts';
import { storeCommand } from './store.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { thread } from './thread.ts';

const all: readonly Command[] = [
  append,
  authenticate,
  capability,
  check,
  close,
  compress,
  copy,
  create,
  deleteAcl,
  deleteCommand,
  enable,
  examine,
  expunge,
  fetchCommand,
  getAcl,
  getJmapAccess,
  getQuota,
  getQuotaRoot,
  id,
  idle,
  list,
  listRights,
  login,
  logout,
  lsub,
  move,
  myRights,
  namespace,
  noop,
  rename,
  searchCommand,
  selectCommand,
  setAcl,
  sort,
  starttls,
  status,
  storeCommand,
  subscribe,
  thread,
  unselect,
  unsubscribe,
];
export const commands: ReadonlyMap<string, Command> = new Map(all.map((c) => [c.name, c]));
