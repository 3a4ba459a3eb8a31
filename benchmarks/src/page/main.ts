/** The page in which the contenders of suite browser run. What starts them is on Node, and calls `runContender`. */
import { payloadNamed, type PayloadName } from '../payloads.js';
import { comlink } from './contenders/comlink.js';
import { millrace, millraceChunks, millraceSharedMemory, millraceSharedMemoryChunks } from './contenders/millrace.js';
import { rawPostMessage } from './contenders/raw.js';
import type { PageContender } from './contender.js';

const contenders = {
  'raw-post-message': rawPostMessage,
  millrace,
  'millrace-chunks': millraceChunks,
  'millrace-shared-memory': millraceSharedMemory,
  'millrace-shared-memory-chunks': millraceSharedMemoryChunks,
  comlink,
} satisfies Record<string, PageContender>;

export type PageContenderName = keyof typeof contenders;

export type RunContender = (name: PageContenderName, payload: PayloadName, items: number, warm: number) => Promise<number>;

const runContender: RunContender = async (name, payload, items, warm) => {
  // What is thrown while a message is handled reaches nobody else.
  const stop = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    addEventListener('error', ({ error, message }) => reject((error as Error | null) ?? new Error(message)), stop);
    addEventListener('unhandledrejection', ({ reason }) => reject(reason as Error), stop);
  });
  try {
    return await Promise.race([contenders[name]({ payload: payloadNamed(payload), items, warm }), failed]);
  } finally {
    stop.abort();
  }
};

Object.assign(globalThis, { runContender });
