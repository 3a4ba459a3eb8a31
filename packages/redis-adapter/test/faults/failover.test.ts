// The master dies before its replica was sent all that it had confirmed. Nothing can bring that back: it is counted and told.

import { hasCode, type IterableQueue } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { opened } from '../support/open.ts';
import { list, type SentinelSet, type Server, settled, startSentinel } from '../support/servers.ts';
import { end, queueName, told } from './ends.ts';

/** Puts one item after the other, until it is stopped or refused. */
class Load {
  readonly confirmed: string[] = [];
  /** The code by which it was refused. */
  readonly over: Promise<string | undefined>;
  private isStopped = false;

  constructor(queue: IterableQueue<string>, name: string) {
    this.over = this.run(queue, name);
  }

  private async run(queue: IterableQueue<string>, name: string): Promise<string | undefined> {
    const producer = queue.producer();
    let id: string | undefined;
    for (let n = 0; !this.isStopped;) {
      const item = `${name}${String(n)}`;
      try {
        await producer.put(item, id === undefined ? {} : { id });
        this.confirmed.push(item);
        id = undefined;
        n++;
      } catch (error) {
        if (!hasCode(error, 'PUT_UNCERTAIN')) return (error as { code?: string }).code;
        ({ id } = error.details);
      }
    }
    await producer.close();
    return undefined;
  }

  /** Resolves when so many more are confirmed. */
  async goesOn(count = 5): Promise<void> {
    const goal = this.confirmed.length + count;
    await settled(
      'the load goes on',
      () => Promise.resolve(this.confirmed.length >= goal ? true : undefined),
      60_000,
    );
  }

  stop(): void {
    this.isStopped = true;
  }
}

/** From now on nothing more comes to the replica, and it says nothing. */
async function cutReplica(set: SentinelSet): Promise<{ master: Server; replica: Server }> {
  const master = await set.master();
  const replica = set.servers.find((server) => server !== master);
  if (replica === undefined) throw new Error('there is no replica');
  await replica.kill('SIGSTOP');
  // What the system has taken on for it would still be read.
  await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  onTestFinished(async () => {
    if (replica.alive) await replica.kill('SIGCONT');
  });
  return { master, replica };
}

/** Resolves when the sentinels have made the replica the master. */
async function elected(set: SentinelSet, replica: Server): Promise<void> {
  await settled(
    'the replica is elected',
    async () =>
      (await set.master()) === replica && list(await replica.call('ROLE'))[0] === 'master'
        ? true
        : undefined,
    60_000,
  );
}

describe('a fail-over that was not planned', { timeout: 180_000 }, () => {
  it('tells how much of what was confirmed is lost, and the queue goes on, or stops where it was asked to', async () => {
    const set = await opened(startSentinel());
    const sentinels = set.sentinelPorts.map((port) => ({ host: '127.0.0.1', port }));
    const options = { sentinel: { name: set.masterName, sentinels }, lease: 60_000 };
    const name = queueName();
    const goesOn = end(name, options);
    const stops = end(name, { ...options, onDataLoss: 'stop' });
    const loads = { on: new Load(goesOn, 'on '), off: new Load(stops, 'off ') };
    const events = Promise.all([told(goesOn, 'data-lost'), told(stops, 'data-lost')]);
    await Promise.all([loads.on.goesOn(), loads.off.goesOn()]);

    const { master, replica } = await cutReplica(set);
    await Promise.all([loads.on.goesOn(), loads.off.goesOn()]);
    await master.kill('SIGKILL');
    const confirmed = { on: [...loads.on.confirmed], off: [...loads.off.confirmed] };
    await replica.kill('SIGCONT');
    await elected(set, replica);

    const [on, off] = await events;
    for (const { error } of [on, off]) expect(error).toMatchObject({ code: 'DATA_LOST' });
    expect(await loads.off.over).toBe('DATA_LOST');
    await expect(stops.stats()).rejects.toMatchObject({ code: 'DATA_LOST' });

    // The other one goes on, and what is missing is what it was told of.
    await loads.on.goesOn();
    loads.on.stop();
    expect(await loads.on.over).toBeUndefined();
    await goesOn.producer().put('the last');
    const taken = new Set<string>();
    for await (const item of goesOn.consumer()) {
      taken.add(item);
      if (item === 'the last') break;
    }
    const missing = (items: readonly string[]): string[] =>
      items.filter((item) => !taken.has(item));
    expect(missing(loads.on.confirmed)).toHaveLength(on.items ?? -1);
    expect(missing(confirmed.on)).toEqual(missing(loads.on.confirmed));
    expect(missing(confirmed.off)).toHaveLength(off.items ?? -1);
    expect(Math.min(on.items ?? 0, off.items ?? 0)).toBeGreaterThanOrEqual(5);
  });
});
