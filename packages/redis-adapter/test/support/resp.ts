// One command to a server over a connection of its own, in RESP2. Tests look at servers and order them
// about with this, so that no client library under test stands between them and what they check.

import net from 'node:net';

export type Reply = string | number | null | readonly Reply[];

/** The server's own words of refusal. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal';
}

export interface CallTarget {
  readonly port: number;
  readonly password?: string | undefined;
  /** How long to wait for the connection and the answer, in ms. Default 60,000. */
  readonly timeout?: number;
}

/** Sends one command and resolves with its reply; an error reply rejects with a `ServerRefusal`. */
export async function call(target: CallTarget, ...command: (string | number)[]): Promise<Reply> {
  const { port, password, timeout = 60_000 } = target;
  const commands = password === undefined ? [command] : [['AUTH', password], command];
  const replies = await exchange(port, commands, timeout);
  const refused = replies.find((reply) => reply instanceof ServerRefusal);
  if (refused !== undefined) throw refused;
  return plain(replies.at(-1)!);
}

/** A reply that has to be an array. */
export function list(reply: Reply): readonly Reply[] {
  if (typeof reply !== 'object' || reply === null) throw new Error(`no array: ${String(reply)}`);
  return reply;
}

function exchange(
  port: number,
  commands: (string | number)[][],
  timeout: number,
): Promise<Parsed[]> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let got = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const name = String(commands.at(-1)![0]);
    socket.setTimeout(timeout, () =>
      fail(new Error(`no answer to ${name} from port ${port} within ${timeout} ms`)),
    );
    socket.on('error', fail);
    socket.on('close', () => reject(new Error(`port ${port} closed before it answered ${name}`)));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      const replies: Parsed[] = [];
      let at = 0;
      while (replies.length < commands.length) {
        const one = parse(got, at);
        if (one === undefined) return;
        [, at] = one;
        replies.push(one[0]);
      }
      resolve(replies);
      socket.destroy();
    });
    socket.write(Buffer.concat(commands.map(encode)));
  });
}

function encode(command: (string | number)[]): Buffer {
  const parts = command.map((word) => {
    const text = String(word);
    return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  });
  return Buffer.from(`*${command.length}\r\n${parts.join('')}`);
}

type Parsed = string | number | null | ServerRefusal | Parsed[];

/** The reply that starts at `at` and where it ends, or undefined while some of it is yet to come. */
function parse(bytes: Buffer, at: number): [Parsed, number] | undefined {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(bytes[at]!)) {
    case '+':
      return [line, next];
    case '-':
      return [new ServerRefusal(line), next];
    case ':':
      return [Number(line), next];
    case '$': {
      const length = Number(line);
      if (length < 0) return [null, next];
      if (bytes.length < next + length + 2) return undefined;
      return [bytes.toString('utf8', next, next + length), next + length + 2];
    }
    case '*': {
      if (Number(line) < 0) return [null, next];
      const items: Parsed[] = [];
      let from = next;
      while (items.length < Number(line)) {
        const item = parse(bytes, from);
        if (item === undefined) return undefined;
        items.push(item[0]);
        from = item[1];
      }
      return [items, from];
    }
    default:
      throw new Error(`not a RESP2 reply: ${JSON.stringify(line)}`);
  }
}

function plain(reply: Parsed): Reply {
  if (reply instanceof ServerRefusal) throw reply;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}
