/** The demo: an installation of its own in the data folder, filled once, then served like any other. */
import type { Config } from '../config.ts';
import { DEMO_DOMAIN, DEMO_EOFFICE_KEY, DEMO_PASSWORD, seedProvince } from './province.ts';
import { createMasterKey, InstallationError, isInstalled } from '../installation.ts';
import { openParts, type Parts } from '../parts.ts';

export { DEMO_DOMAIN };

export const demoOverrides = {
  hostname: 'localhost',
  directory: { domain: DEMO_DOMAIN },
  listen: { host: '127.0.0.1' },
  // A demo has no TLS that clients trust: on loopback they may sign in without.
  imap: { allowPlainOnLoopback: true },
  smtp: { submission: { allowPlainOnLoopback: true } },
};

const FACT = 'demo.seeded';

/** Mail programs that ask are sent to the ports where the demo listens, also those of CONGVU_PORT_BASE. */
export function offeringOwnPorts(config: Config): Config {
  const { imap, imaps, submission, submissions } = config.listen;
  const offered = { imapPort: imap, imapsPort: imaps, submissionPort: submission, submissionsPort: submissions };
  return { ...config, web: { ...config.web, ...offered } };
}

/** Opens the demo's parts; a first start fills them. */
export async function openDemo(config: Config, say: (text: string) => void): Promise<Parts> {
  if (!isInstalled(config.data)) await createMasterKey(config.data);
  let travelled: number | undefined;
  const clock = { now: () => travelled ?? Date.now() };
  const parts = await openParts(offeringOwnPorts(config), { clock });
  const state = await parts.facts.get(FACT);
  if (state === 'begun') {
    await parts.close();
    throw new InstallationError(`the first start was interrupted; delete ${config.data} and start again`);
  }
  if (state === undefined) {
    await parts.db.write((tx) => parts.facts.put(tx, FACT, 'begun'));
    say('Đang tạo tỉnh Cao Sơn (lần đầu)… / Creating the demo province (first start)…');
    await seedProvince(parts, (to) => {
      travelled = to;
    });
    await parts.db.write((tx) => parts.facts.put(tx, FACT, 'done'));
  }
  return parts;
}

export const demoAccounts = async (parts: Parts): Promise<{ address: string; password: string }[]> => {
  // Who has most to show comes first.
  const first = ['hungnv', 'thuybtt', 'vytnh', 'vulh', 'duongpt'];
  const rank = (address: string) =>
    (first.indexOf(address.split('@')[0] ?? '') + first.length + 1) % (first.length + 1);
  const officials = await parts.directory.officials({ limit: 1000 });
  return officials
    .filter((o) => o.status === 'active')
    .map((o) => ({ address: o.address, password: DEMO_PASSWORD }))
    .sort((a, b) => rank(a.address) - rank(b.address));
};

export { DEMO_EOFFICE_KEY };
