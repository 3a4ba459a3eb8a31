import { hasCode, MillraceError } from '@millrace/core';
import { type Connection, connect, type ConnectOptions, type Reply } from '../connection/index.js';
import { listOf, numberOf, textOf } from '../connection/replies.js';
import { slotOf } from '../connection/slot.js';

export interface Where {
  readonly urls: readonly string[];
  /** The name of the master, where the URLs are Sentinels. */
  readonly sentinel: string | undefined;
  readonly connectTimeout: number;
}

/** Connects to a server, or to the Cluster that it is a node of. */
export async function reach({ urls, sentinel, connectTimeout }: Where): Promise<Connection> {
  const [url = ''] = urls;
  if (sentinel !== undefined) return opened({ sentinel: { name: sentinel, sentinels: urls }, connectTimeout });
  if (urls.length > 1) return opened({ cluster: urls, connectTimeout });
  try {
    return await opened({ url, connectTimeout });
  } catch (error) {
    if (error instanceof MillraceError && error.details['reason'] === 'cluster') return opened({ cluster: urls, connectTimeout });
    throw error;
  }
}

async function opened(options: ConnectOptions): Promise<Connection> {
  const connection = connect(options);
  try {
    await connection.ready();
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Does what changes nothing, again where the connection broke under it. */
export async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 5 || !hasCode(error, 'CONNECTION_LOST')) throw error;
    }
  }
}

/** How many keys a server looks at before it turns to others. */
const AT_ONCE = '500';

/** The keys of all queues with this prefix, found piece by piece: no server is held up, and what comes or goes meanwhile may be missed. */
export async function queueKeys(connection: Connection, prefix: string): Promise<string[]> {
  const found = new Set<string>();
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*}`;
  for (const node of await repeated(() => nodesOf(connection))) {
    for (let cursor = '0'; ; ) {
      const at = cursor;
      const reply = await repeated(() =>
        connection.command(node, ['SCAN', at, 'MATCH', pattern, 'COUNT', AT_ONCE, 'TYPE', 'hash']),
      );
      const [next, keys] = listOf(reply);
      for (const key of listOf(keys)) found.add(textOf(key));
      cursor = textOf(next);
      if (cursor === '0') break;
    }
  }
  return [...found].filter((key) => /^(\{[qhx]:[^{}]*\}|list:([\w-]{43}:)?\{[^{}]+\})$/.test(key.slice(prefix.length))).sort();
}

/** For each master a key that leads to it. */
async function nodesOf(connection: Connection): Promise<(string | undefined)[]> {
  if (connection.topology !== 'cluster') return [undefined];
  const ranges = listOf(await connection.command(undefined, ['CLUSTER', 'SLOTS'])).map(listOf);
  const masters = new Map<string, readonly Reply[][]>();
  for (const range of ranges) {
    const [host, port] = listOf(range[2]);
    const name = `${textOf(host)}:${textOf(port)}`;
    masters.set(name, [...(masters.get(name) ?? []), [...range]]);
  }
  return [...masters.values()].map(keyWithin);
}

function keyWithin(ranges: readonly (readonly Reply[])[]): string {
  for (let i = 0; ; i++) {
    const slot = slotOf(String(i));
    if (ranges.some(([first, last]) => slot >= numberOf(first) && slot <= numberOf(last))) return String(i);
  }
}
