import { MillraceError, type ErrorCode } from '@millrace/core';

import type { Address } from './types.js';

/** What a refusal asks for. The command was surely not executed. */
export type Refusal =
  | { readonly kind: 'moved'; readonly slot: number; readonly address: Address }
  | { readonly kind: 'ask'; readonly address: Address }
  | { readonly kind: 'noscript' }
  /** The node became a replica. */
  | { readonly kind: 'demoted' }
  /** The server starts, fails over, moves a slot, or runs a long script. */
  | { readonly kind: 'later'; readonly stale: boolean };

/** The first word of an error reply, as `WRONGTYPE`; that of the command within a script, where 6.2 wraps it up. */
function wordOf(message: string): string {
  const within = /@user_script: ?\d+: (?:@user_script: ?\d+: )?-?([A-Z]{3,}) /.exec(message);
  return (within ?? /^-?([A-Z]+)/.exec(message))?.[1] ?? 'ERR';
}

/** Tells refusals from failures. `undefined` is a failure. */
export function refusalOf(message: string, from: Address | undefined): Refusal | undefined {
  switch (wordOf(message)) {
    case 'MOVED':
    case 'ASK': {
      const [word, slot, place = ''] = message.split(' ');
      const colon = place.lastIndexOf(':');
      // No host: the same as the one that was asked.
      const address = {
        host: place.slice(0, colon) || (from?.host ?? ''),
        port: Number(place.slice(colon + 1)),
      };
      return word === 'ASK'
        ? { kind: 'ask', address }
        : { kind: 'moved', slot: Number(slot), address };
    }
    case 'NOSCRIPT':
      return { kind: 'noscript' };
    case 'READONLY':
      return { kind: 'demoted' };
    case 'CLUSTERDOWN':
    case 'MASTERDOWN':
    case 'UNBLOCKED':
      return { kind: 'later', stale: true };
    case 'TRYAGAIN':
    case 'LOADING':
    case 'BUSY':
      return { kind: 'later', stale: false };
    default:
      return undefined;
  }
}

/** Makes errors that say where, and that hold no password. */
export class Faults {
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret.length > 2);
  }

  /** The text without passwords. Servers repeat the arguments of commands that they do not know. */
  redact(text: string): string {
    let out = text.replace(/,? with args beginning with:.*/s, '');
    for (const secret of this.#secrets) out = out.split(secret).join('***');
    return out;
  }

  /** A copy that holds only what is known to be harmless: the libraries add the arguments of the command. */
  plain(error: unknown): Error {
    const text = error instanceof Error ? reason(error) : String(error);
    const copy = new Error(this.redact(text));
    if (error instanceof Error) {
      copy.name = error.name;
      const { code } = error as { code?: unknown };
      if (typeof code === 'string') Object.assign(copy, { code });
    }
    return copy;
  }

  make(
    code: ErrorCode,
    message: string,
    details: Record<string, unknown>,
    cause?: unknown,
  ): MillraceError {
    return new MillraceError(
      code,
      message,
      details,
      cause === undefined ? undefined : this.plain(cause),
    );
  }

  /** The connection broke under a command. */
  lost(where: string, cause: unknown): MillraceError {
    const message = `The connection to ${where} broke before the server answered, so that it may have done what it was asked or not. Ask again where that is harmless.`;
    return this.make('CONNECTION_LOST', message, { server: where }, cause);
  }

  /** An error that the server answered to a command. */
  failure(message: string, where: string, what: string): MillraceError {
    const answer = this.redact(message);
    const word = wordOf(message);
    const details = { server: where, command: what, answer };
    switch (word) {
      case 'OOM':
        return new MillraceError(
          'SERVER_OUT_OF_MEMORY',
          `The server at ${where} has reached its memory limit (maxmemory) and takes nothing more. Take items out, or raise the limit.`,
          details,
        );
      case 'NOAUTH':
      case 'WRONGPASS':
      case 'NOPERM':
        return new MillraceError(
          'AUTH_FAILED',
          `The server at ${where} did not allow ${what}: ${answer}`,
          details,
        );
      case 'READONLY':
        return this.readOnly(where);
      default:
        if (MISSED.test(message))
          return new MillraceError(
            'DATA_LOST',
            `At ${where} ${what} has not found what belongs to its queue: keys were deleted or evicted. Use \`noeviction\`, and delete none. The server says: ${answer}`,
            details,
          );
        return new MillraceError(
          'COMMAND_FAILED',
          `The server at ${where} refused ${what}: ${answer}`,
          details,
        );
    }
  }

  readOnly(where: string): MillraceError {
    return new MillraceError(
      'SERVER_READ_ONLY',
      `The server at ${where} is a replica that takes no writes. Give the address of the master, or the Sentinels that know it.`,
      { server: where },
    );
  }

  tooOld(where: string, version: string): MillraceError {
    return new MillraceError(
      'SERVER_TOO_OLD',
      `The server at ${where} is Redis ${version}; 6.2 or newer is needed. Upgrade it.`,
      { server: where, version, needed: '6.2' },
    );
  }

  /** Why no connection could be made. The second value tells whether trying again can help. */
  unreachable(where: string, error: unknown): { error: MillraceError; final: boolean } {
    if (error instanceof MillraceError) return { error, final: FINAL.has(error.code) };
    const text = error instanceof Error ? reason(error) : String(error);
    const code = error instanceof Error ? codeOf(error) : undefined;
    const made = (
      final: boolean,
      why: string,
      because: string,
    ): { error: MillraceError; final: boolean } => ({
      error: this.make(
        'CONNECTION_FAILED',
        `No connection to ${where}: ${why}`,
        { server: where, reason: because },
        error,
      ),
      final,
    });
    if (
      /^(WRONGPASS|NOAUTH|NOPERM)|invalid (username-)?password|without any password configured|no password is set/i.test(
        text,
      )
    ) {
      return {
        error: this.make(
          'AUTH_FAILED',
          `The server at ${where} refused the user or the password: ${this.redact(text)} Check both.`,
          { server: where },
          error,
        ),
        final: true,
      };
    }
    if (/^ERR unknown command [`'"]?(HELLO|AUTH)/i.test(text)) {
      return { error: this.tooOld(where, 'older than 6.0'), final: true };
    }
    if (code === 'ECONNREFUSED')
      return made(
        false,
        'nothing listens there. Check host and port, and that the server runs.',
        'refused',
      );
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return made(false, 'the host is not known. Check its name.', 'unknown-host');
    if (
      code?.startsWith('ERR_TLS') ||
      code?.startsWith('ERR_SSL') ||
      code === 'EPROTO' ||
      /certificate|CERT/.test(`${code} ${text}`)
    ) {
      return made(
        true,
        `TLS failed: ${this.redact(text)} Check that the port speaks TLS (rediss://), and the certificates.`,
        'tls',
      );
    }
    if (/Unknown RESP type|Protocol error/i.test(text)) {
      return made(
        true,
        'what answers there is no Redis server, or one that wants TLS (rediss://).',
        'not-redis',
      );
    }
    if (
      /^(Socket closed unexpectedly|Connection is closed\.|The server closed the connection\.)$|ECONNRESET|EPIPE/.test(
        text,
      )
    ) {
      return made(
        false,
        'it closed the connection at once. Check that a Redis server is there, whether it wants TLS (rediss://), and its `maxclients`.',
        'closed',
      );
    }
    if (/DB index is out of range|invalid DB index/.test(text))
      return made(true, 'it has no database of that number.', 'database');
    return made(false, this.redact(text), code ?? 'failed');
  }

  timedOut(where: string, ms: number): MillraceError {
    return new MillraceError(
      'CONNECTION_FAILED',
      `No connection to ${where}: no sensible answer within ${ms} ms. Check host and port, that a Redis server is there, and whether it wants TLS (rediss://).`,
      { server: where, reason: 'timeout', ms },
    );
  }
}

/** A script of ours went on with a value that was not there. */
const MISSED = /attempt to |bad argument #|Lua redis(?:\(\)| lib) command arguments/;

/** A first connection that fails so is not tried again. */
const FINAL = new Set<ErrorCode>([
  'AUTH_FAILED',
  'SERVER_TOO_OLD',
  'SERVER_READ_ONLY',
  'CLIENT_LIBRARY_MISSING',
  'BAD_OPTION',
]);

/** Node tries every address of a host, and then its message is empty. */
function reason(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join(', ');
  }
  return error.message;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

export function place(address: Address | undefined): string {
  return address === undefined
    ? 'the address of the given client'
    : `${address.host}:${address.port}`;
}
