import { MillraceError } from '@millrace/core';

export const NAME = 'shared-tabs';

export function slotGone(slot: string): MillraceError {
  return new MillraceError(
    'ENDPOINT_CLOSED',
    `Slot ${slot} was given up: no worker can start with it.`,
    { slot },
  );
}

export function mismatch(
  queue: string,
  option: string,
  is: unknown,
  asked: unknown,
): MillraceError {
  return new MillraceError(
    'BAD_OPTION',
    `Queue "${queue}" is shared with ${option} ${String(is)}, and was opened here with ${String(asked)}. Open it with the same options in every tab.`,
    { queue, option, is, asked },
  );
}

export function noLocks(): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    'sharedTabs() needs Web Locks, by which a closed tab is noticed: serve the page over https, or from localhost.',
    { transport: NAME },
  );
}

/** The factory threw, gave something else, or the file did not load. */
export function hostNotMade(why: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'WORKER_LOAD_FAILED',
    `sharedTabs() has no host: ${why}. Give it worker: () => new SharedWorker(new URL('./tabs.worker.js', import.meta.url), { type: 'module' }), a file that calls serveTabs() before it awaits anything.`,
    { transport: NAME },
    cause,
  );
}

export function electionNotLoaded(cause: unknown): MillraceError {
  return new MillraceError(
    'WORKER_LOAD_FAILED',
    'sharedTabs() has no host: there is no SharedWorker, and what elects a tab was not loaded. It is a file of its own that the bundler has to keep, and the page has to reach.',
    { transport: NAME },
    cause,
  );
}

export function hostSilent(timeout: number): MillraceError {
  return new MillraceError(
    'CONNECTION_FAILED',
    `The host of sharedTabs() has not answered within ${String(timeout)} ms. Either its file does not call serveTabs() before it awaits anything, or tabs that are still open have another host by this name: close them, or reload them all.`,
    { transport: NAME, timeout },
  );
}

export function otherVersion(host: number, tab: number): MillraceError {
  return new MillraceError(
    'CONNECTION_FAILED',
    `The host of sharedTabs() speaks version ${String(host)}, and this tab version ${String(tab)}: tabs of another release are open. Close them, or reload them all.`,
    { transport: NAME, host, tab },
  );
}

/** The host is gone, and with it what it held. */
export function hostLost(): MillraceError {
  return new MillraceError(
    'DATA_LOST',
    'The host of sharedTabs() is gone, and with it the items that it held: its SharedWorker has failed, or was ended by the browser. Open the transport anew.',
    { transport: NAME, items: undefined },
  );
}

export function frozen(): MillraceError {
  return new MillraceError(
    'ENDPOINT_LOST',
    'The browser froze this page, in the background or because another page was gone to, and the page left its shared queues. What it had in hand went to others: open the transport anew.',
    { transport: NAME },
  );
}

export function startedElsewhere(id: string): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    `Endpoint ${id} of a queue that tabs share can only go to workers that its own transport starts.`,
    { endpoint: id, transport: NAME },
  );
}

/** The host that was asked is gone, and what is asked cannot be asked twice. */
export function answerLost(): MillraceError {
  return new MillraceError(
    'CONNECTION_LOST',
    'The tab that was the host has closed before it answered: whether it has done what it was asked is not known. See stats(), and ask again if need be.',
    { transport: NAME },
  );
}

export function workersOutOfReach(id: string): MillraceError {
  return new MillraceError(
    'CAPABILITY_MISSING',
    `Endpoint ${id} cannot go to a worker: without a SharedWorker as host, queues that tabs share are used in the tabs themselves.`,
    { endpoint: id, transport: NAME },
  );
}
