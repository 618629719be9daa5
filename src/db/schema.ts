import { kitFor, type Dialect } from './kit.ts';
import { directoryTables } from './tables/directory.ts';
import { documentTables } from './tables/documents.ts';
import { groundTables } from './tables/ground.ts';
import { mailTables } from './tables/mail.ts';

/** All tables of one dialect; both have the same type. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the type is the tables themselves
export const schemaFor = (dialect: Dialect) => {
  const kit = kitFor(dialect);
  return { ...groundTables(kit), ...mailTables(kit), ...directoryTables(kit), ...documentTables(kit) };
};
export type Schema = ReturnType<typeof schemaFor>;
