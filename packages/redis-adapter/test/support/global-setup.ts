// Vitest calls this once for a run, in its main process.

import type { TestProject } from 'vitest/node';

import { keepServers } from './shared.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const desk = await keepServers();
  project.provide('sharedServersPort', desk.port);
  return desk.stop;
}
