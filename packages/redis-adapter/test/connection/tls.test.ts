import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { opened } from '../support/open.ts';
import { call, startServer } from '../support/servers.ts';
import { connected, failureOf, libraries, text } from './targets.ts';

// Made for these tests only, with `openssl req -x509`; both may be known to everybody.
const file = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url));
const ca = readFileSync(file('cert.pem'), 'utf8');

test.each(libraries)('%s: TLS, and what is said when it does not fit', async (library) => {
  const server = await opened(startServer());
  // The plain port stays for the test's own calls.
  const probe = await opened(startServer());
  const { port } = probe;
  await probe.stop();
  await server.call(
    'CONFIG',
    'SET',
    'tls-cert-file',
    file('cert.pem'),
    'tls-key-file',
    file('key.pem'),
    'tls-auth-clients',
    'no',
    'tls-port',
    port,
  );
  expect(await call({ port: server.port }, 'PING')).toBe('PONG');

  const url = `rediss://localhost:${port}`;
  const secure = connected({ url, tls: { ca }, library });
  expect(text(await secure.command(undefined, ['PING']))).toBe('PONG');
  await secure.subscribe('news', () => {});
  expect(await server.call('PUBLISH', 'news', 'x')).toBe(1);

  const unknown = await failureOf(connected({ url, library }).ready());
  expect(unknown).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'tls' } });
  const plain = await failureOf(
    connected({ url: `redis://localhost:${port}`, library, connectTimeout: 3000 }).ready(),
  );
  expect(plain.code).toBe('CONNECTION_FAILED');
  expect(plain.message).toContain('rediss://');
});
