import type { Suite } from '../contender.js';

export const suite: Suite = { name: 'threads', scenarios: [] };
