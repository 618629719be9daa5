import { describe, expect, it } from 'vitest';

import { withCrlf } from './outbound.ts';

describe('a message on the wire', () => {
  it('ends its lines with CRLF', () => {
    expect(Buffer.from(withCrlf(Buffer.from('a\nb\r\nc\rd'))).toString()).toBe('a\r\nb\r\nc\r\nd');
  });
});
