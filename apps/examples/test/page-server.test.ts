import { expect, it } from 'vitest';

import { run, start } from './run.js';

it('serves the page on a port that is free, and ends when it is told to', async () => {
  const server = start('page-server', []);
  const [url] = await server.prints(/http:\S+/);
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>Millrace: watch a queue</title>');
  expect((await fetch(`${url}programs/`)).status).toBe(200);
  server.kill('SIGINT');
  expect(await server.outcome).toMatchObject({ code: 0, signal: null, stderr: '' });
  await expect(fetch(url)).rejects.toThrow();
});

it('says where its files are, and what it can', async () => {
  const built = await run('page-server', '--build');
  expect(built).toMatchObject({ code: 0, stderr: '' });
  expect(built.stdout).toMatch(/dist.page\n$/);
  expect((await run('page-server', '--help')).stdout).toContain('--port N');
});

it('refuses a port that cannot be', async () => {
  const { code, stderr } = await run('page-server', '--port', '70000');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^BAD_OPTION: .*--port is "70000"/);
});
