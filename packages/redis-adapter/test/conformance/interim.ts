import { deserialize, serialize } from 'node:v8';
import { fix, packErrors, unpackErrors } from '@millrace/core/channels';
import { Redis } from 'ioredis';
import type { Connection } from '../../dist/testing.js';

const enc = (v: unknown, headers?: unknown) => new Uint8Array(serialize([packErrors(fix(v)), headers]));
export const form: any = {
  fix: (v: unknown, at?: string) => { fix(v, at); return enc(v); },
  open: () => {
    let items: Uint8Array[] = [];
    return {
      get count() { return items.length; },
      get full() { return items.length >= 256; },
      put(v: unknown) { items.push(enc(v)); },
      add(fixed: Uint8Array, meta: any) { items.push(meta?.headers ? new Uint8Array(serialize([deserialize(fixed)[0], meta.headers])) : fixed); },
      cut(epoch: number, sequence: number) {
        let size = 0; for (const i of items) size += i.length;
        const body = Buffer.alloc(4 * items.length + size); let at = 4 * items.length, end = 0;
        items.forEach((item, i) => { body.set(item, at); at += item.length; end += item.length; body.writeUInt32LE(end, 4 * i); });
        const n = items.length; items = [];
        return { block: [1, n, epoch, sequence, body, undefined], transfer: [] };
      },
    };
  },
  read: (m: any, at: number) => {
    const count = m[at + 1], body: Buffer = m[at + 4];
    const item = (i: number) => { const s = i === 0 ? 0 : body.readUInt32LE(4 * i - 4); return deserialize(body.subarray(4 * count + s, 4 * count + body.readUInt32LE(4 * i))); };
    return { count, sequence: m[at + 3], values: { take: (i: number) => unpackErrors(item(i)[0]), headers: (i: number) => item(i)[1] }, extra: m[at + 5] ?? {} };
  },
  packReason: (r: unknown) => { if (r === undefined) return undefined; try { return enc(r); } catch { const e = r instanceof Error ? Object.assign(new Error(r.message), { name: r.name }) : new Error('Something that cannot be copied: ' + typeof r); return enc(e); } },
};
export const readReason = (b: Uint8Array) => unpackErrors(deserialize(b)[0]);

export function interim(port: number): Connection {
  const client = new Redis(port); const sub = new Redis(port);
  const channels = new Map<string, (p: Buffer) => void>();
  sub.on('messageBuffer', (c: Buffer, p: Buffer) => channels.get(String(c))?.(p));
  const run = async (script: any, keys: any, args: any) => {
    try { return await client.callBuffer('EVALSHA', [script.sha1, keys.length, ...keys, ...args]); }
    catch (e: any) { if (!String(e.message).startsWith('NOSCRIPT')) throw e; return await client.callBuffer('EVAL', [script.source, keys.length, ...keys, ...args] as any); }
  };
  return {
    run, command: (_k: any, a: any) => client.callBuffer(a[0], a.slice(1)) as any,
    ready: async () => ({}) as any, on: () => () => undefined, publish: 'PUBLISH', topology: 'single', options: undefined,
    subscribe: async (c: string, on: any) => { channels.set(c, on); await sub.subscribe(c); return { unsubscribe: async () => { channels.delete(c); await sub.unsubscribe(c); } }; },
    reset: () => undefined, close: async () => { client.disconnect(); sub.disconnect(); },
  } as any;
}
