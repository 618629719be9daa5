import { cleanup, configure } from '@testing-library/preact';
import { afterEach } from 'vitest';

// A machine that is busy with the other tests may need longer than a second to draw a screen.
configure({ asyncUtilTimeout: 10_000 });
afterEach(cleanup);
