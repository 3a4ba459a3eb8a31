import { IterableQueue, type Transport } from '@millrace/core';
import { conformance, type TransportUnderTest, workersTarget } from '@millrace/core/testing';
import { describe, inject, it } from 'vitest';
import type {} from '../engines/context.ts';
import { byUrl } from '../conformance/transport.ts';
import { freshName, openTabs } from './opened.ts';

const PATIENCE = 120_000;

/** A queue that each transport here has, to ask its host something. */
const PROBE = 'probe';

const probes = new WeakMap<Transport, IterableQueue<unknown>>();

/** Queues whose home is a SharedWorker, and endpoints in Web Workers of a tab, which can be killed. */
function sharedWorkersTarget(): TransportUnderTest {
  const target = workersTarget('workers of a tab', open, { runs: 10, home: askHost });
  return { ...target, queue: { exclusive: false } };
}

function open(): Transport {
  const tab = byUrl(openTabs(freshName()));
  const manifest = Object.freeze({ ...tab.manifest, isolation: 'machine' as const });
  return {
    ...tab,
    // What hangs on either side of a home elsewhere is as with a home on another machine.
    manifest,
    health: () => {
      const { queues, ...rest } = tab.health();
      return { ...rest, queues: queues.filter(({ queue }) => queue !== PROBE) };
    },
  };
}

function askHost(transport: Transport): Promise<unknown> {
  let probe = probes.get(transport);
  if (probe === undefined) {
    probe = new IterableQueue<unknown>({ transport, name: PROBE });
    probes.set(transport, probe);
  }
  return Promise.resolve(probe.stats());
}

const target = sharedWorkersTarget();
const suite = conformance(target);
const withoutCrashes = new Set(conformance({ ...target, crashes: false }).map(({ name }) => name));

describe('queues of tabs, endpoints in workers', () => {
  for (const { rule, name, run } of suite) {
    // The values meet the calls' own crossing before a queue's.
    if (rule === 'Q16') continue;
    // The other rules are tried between two tabs: unless all is asked for, these are tried where someone can be killed.
    if (inject('full') || !withoutCrashes.has(name)) it(name, run, PATIENCE);
  }
});
