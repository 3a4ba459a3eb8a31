// Servers that cannot be installed any more, as far as a client sees of them before it turns away.

import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/** The port at which it listens until the test is over. */
export async function listening(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as net.AddressInfo).port;
}

/** Answers as a server of that version does, which knows no HELLO. */
export function tooOld(version: string): net.Server {
  return pretending((command, args) => {
    switch (command) {
      case 'INFO':
        return bulk(`# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n`);
      case 'ROLE':
        return `*3\r\n${bulk('master')}:0\r\n*0\r\n`;
      case 'AUTH':
        return '+OK\r\n';
      case 'PING':
        return '+PONG\r\n';
      default:
        return `-ERR unknown command \`${command}\`, with args beginning with: ${args.map((arg) => `\`${arg}\`, `).join('')}\r\n`;
    }
  });
}

/** Answers each command as a server of another age, or of another kind, would. */
function pretending(answer: (command: string, args: string[]) => string): net.Server {
  return net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const words = data.toString().split('\r\n');
      while (words.length > 1) {
        const count = Number(words.shift()!.slice(1));
        const args: string[] = [];
        for (let i = 0; i < count; i++) {
          words.shift();
          args.push(words.shift() ?? '');
        }
        socket.write(answer((args[0] ?? '').toUpperCase(), args.slice(1)));
      }
    });
  });
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
