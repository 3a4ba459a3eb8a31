import { onTestFinished, vi } from 'vitest';

import { connect } from '../../src/connection/index.ts';
import type {
  ConnectOptions,
  Connection,
  RedisConnectOptions,
} from '../../src/connection/types.ts';

export const libraries = ['redis', 'ioredis'] as const;
export type Library = (typeof libraries)[number];

/** Connects, and closes after the test. */
export function connected(options: RedisConnectOptions): Connection {
  const connection = connect(options);
  onTestFinished(() => connection.close());
  return connection;
}

/** Resolves at the next event of that type. */
export function next(connection: Connection, type: 'up' | 'down'): Promise<void> {
  return new Promise((resolve) => {
    const off = connection.on((event) => {
      if (event.type !== type) return;
      off();
      resolve();
    });
  });
}

/** Resolves once the check passes: after a message that is on its way, however slow the machine is. */
export function soon(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 60_000 });
}

/** The text of a reply. */
export function text(reply: unknown): string {
  return Buffer.isBuffer(reply) ? reply.toString() : String(reply);
}

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

/** What a promise was rejected with. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; details?: Record<string, unknown> }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}

export type { ConnectOptions };
