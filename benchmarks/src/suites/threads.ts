import type { Suite } from '../contender.js';
import { pythonVersion } from '../contenders/threads/between/python.js';
import { alone } from './threads/alone.js';
import { between } from './threads/between.js';
import { toMain } from './threads/to-main.js';

/** Threads of one process, and for comparison Python's processes. */
export const suite: Suite = {
  name: 'threads',
  runs: 3,
  scenarios: [...toMain, ...between, ...alone],
  machine: () => ({ python: pythonVersion() || 'none' }),
};
