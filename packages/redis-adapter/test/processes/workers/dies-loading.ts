const way = new URL(import.meta.url).searchParams.get('way');
if (way === 'exit') process.exit(4);
if (way === 'kill') process.kill(process.pid, 'SIGKILL');
if (way === 'spin') for (;;);
await new Promise(() => undefined);

export default function never(): void {
  throw new Error('it does not load');
}
