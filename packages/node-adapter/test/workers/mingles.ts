import type { Peer } from '@millrace/core';

interface Note {
  readonly to: string | undefined;
  readonly n: number;
}

export interface Notes {
  NOTE: Note;
  SENT: undefined;
}

export interface MinglesArgs {
  readonly self: Peer<Notes>;
  readonly names: readonly string[];
  readonly messages: number;
  readonly seed: number;
}

/** Sends to others and to nobody in turn, and receives all along. Says when all is sent; answers what it received, and the faults it found. */
export default async function mingles({ self, names, messages, seed }: MinglesArgs) {
  const seen: string[] = [];
  const faults: string[] = [];
  const receiving = (async () => {
    const latest = new Map<string, number>();
    for await (const message of self) {
      if (message.request !== 'NOTE') continue;
      const { to, n } = message.data;
      const line = `${message.sender} ${to ?? 'anyone'}`;
      if (to !== undefined && to !== self.name) faults.push(`${self.name} got what was for ${to}`);
      if (message.sender === self.name) faults.push(`${self.name} got its own`);
      if (message.attempt > 1 || (latest.get(line) ?? -1) > n)
        faults.push(`${self.name} got ${String(n)} of ${line} late`);
      latest.set(line, n);
      seen.push(`${message.sender}#${String(n)}`);
    }
  })();
  const others = names.filter((name) => name !== self.name);
  for (let n = 0; n < messages; n++) {
    const at = (n * 7919 + seed * 104_729) % (2 * others.length);
    const to = others[at];
    await self.send('NOTE', { data: { to, n }, ...(to === undefined ? {} : { to }) });
  }
  await self.send('SENT', { to: 'counter' });
  await receiving;
  return { seen, faults };
}
