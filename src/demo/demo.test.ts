import { expect, it } from 'vitest';

import { loadConfig } from '../config.ts';
import { offeringOwnPorts } from './demo.ts';

it('the demo sends mail programs to the ports where it listens', () => {
  const { listen, web } = offeringOwnPorts(loadConfig({ env: { CONGVU_PORT_BASE: '34000' }, data: '/nowhere' }));
  expect(web).toMatchObject({
    imapPort: listen.imap,
    imapsPort: 34_093,
    submissionPort: 34_087,
    submissionsPort: listen.submissions,
  });
});
