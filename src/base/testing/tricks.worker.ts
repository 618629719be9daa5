import { getPriority } from 'node:os';

import { standBehind } from '../priority.ts';
import { serveTasks } from '../worker-tasks.ts';

export type Trick =
  | { do: 'add'; a: number; b: number }
  | { do: 'spin' | 'eat' | 'exit' | 'throw' | 'env' | 'crash' | 'stand behind' }
  | { do: 'echo'; bytes: Uint8Array };

serveTasks(async (trick: Trick): Promise<unknown> => {
  switch (trick.do) {
    case 'add':
      return trick.a + trick.b;
    case 'echo':
      return trick.bytes.length;
    case 'spin':
      for (;;) Math.random();

    case 'eat': {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(1000).fill(Math.random()));
    }

    case 'exit':
      return process.exit(3);
    case 'throw':
      throw new RangeError('no such thing');
    case 'crash':
      setTimeout(() => {
        throw new Error('out of band');
      }, 0);
      return new Promise(() => undefined);
    case 'stand behind':
      standBehind();
      return getPriority();
    case 'env':
      return Object.keys(process.env);
  }
});
