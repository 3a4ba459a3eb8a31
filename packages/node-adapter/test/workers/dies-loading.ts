// How it dies is in its URL: it has not got any arguments yet.
export default function never(): void {
  throw new Error('it should have died before');
}

switch (new URL(import.meta.url).searchParams.get('way') ?? 'wait') {
  case 'exit':
    process.exit(3);
    break;
  case 'out-of-memory': {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1000).fill(kept.length));
  }
  case 'spin':
    for (;;);
  case 'wait':
    await new Promise(() => undefined);
}
