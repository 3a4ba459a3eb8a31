import { IterableQueue } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { openTransport, refusal, served } from './support.ts';

const moved = served(
  () => import('./workers/moved.js'),
  new URL('./workers/moved.ts', import.meta.url),
);
const echo = served(
  () => import('./workers/echo.js'),
  new URL('./workers/echo.ts', import.meta.url),
);

function canvas(): HTMLCanvasElement {
  const made = document.createElement('canvas');
  made.width = 4;
  made.height = 2;
  made.getContext('2d')?.fillRect(0, 0, 4, 2);
  return made;
}

/** What can be moved, where there is such a thing. */
const kinds: Record<string, () => Promise<object> | object | undefined> = {
  ArrayBuffer: () => new Uint8Array([1, 2, 3]).buffer,
  MessagePort: () => new MessageChannel().port1,
  ReadableStream: () => new ReadableStream<string>(),
  WritableStream: () => new WritableStream<string>(),
  TransformStream: () => new TransformStream<string, string>(),
  ImageBitmap: () => createImageBitmap(canvas()),
  OffscreenCanvas: () => new OffscreenCanvas(4, 2),
  VideoFrame: () =>
    'VideoFrame' in globalThis ? new VideoFrame(canvas(), { timestamp: 0 }) : undefined,
};

/** Whether the engine itself can move it. */
function movable(value: object): boolean {
  try {
    const { port1 } = new MessageChannel();
    port1.postMessage(value, [value as Transferable]);
    return true;
  } catch {
    return false;
  }
}

describe('what can be moved', () => {
  it.each(Object.keys(kinds))('is a %s: to a worker, and back', async (name) => {
    const sample = await kinds[name]?.();
    if (sample === undefined || !movable(sample)) return;
    const value = (await kinds[name]?.())!;
    const first = (await kinds[name]?.())!;
    const transport = openTransport();
    const there = new IterableQueue<unknown>({ transport });
    const back = new IterableQueue<unknown>({ transport });
    const worker = transport.start(
      moved,
      { source: there.consumer(), out: back.producer(), first },
      { transfer: [first] },
    );
    const producer = there.producer();
    await producer.put(value, { transfer: [value] });
    // It is not here any more.
    expect(movable(value)).toBe(false);
    const reply = (await back.consumer().get()) as { was: string; moved: boolean; value: object };
    expect(reply).toMatchObject({ was: name, moved: true });
    expect(reply.value.constructor.name).toBe(name);
    expect(movable(reply.value)).toBe(true);
    await producer.close();
    there.close();
    expect(await worker.result()).toBe(name);
  });

  it('is refused, and whole, when it is not in the list', async () => {
    const transport = openTransport();
    const queue = new IterableQueue<unknown>({ transport });
    const producer = queue.producer();
    const { port1 } = new MessageChannel();
    const error = await refusal('VALUE_NOT_CLONEABLE', () => producer.put({ in: [port1] }));
    expect(error.details).toMatchObject({ path: '.in[0]', what: 'a MessagePort' });
    expect(movable(port1)).toBe(true);
  });
});

describe('what the platform copies', () => {
  /** To a worker and back, as it is. */
  async function roundTrip(values: readonly unknown[]): Promise<unknown[]> {
    const transport = openTransport();
    const there = new IterableQueue<unknown>({ transport });
    const back = new IterableQueue<unknown>({ transport });
    const worker = transport.start(echo, { source: there.consumer(), out: back.producer() });
    const producer = there.producer();
    await producer.putMany(values);
    await producer.close();
    there.close();
    const consumer = back.consumer();
    const got: unknown[] = [];
    for (const _ of values) got.push(await consumer.get());
    await worker.result();
    return got;
  }

  it('arrives: data of the language', async () => {
    const cycle: { self?: unknown; list: unknown[] } = { list: [undefined, null, -0, 1n] };
    cycle.self = cycle;
    const error = Object.assign(new RangeError('too far', { cause: new Error('because') }), {
      code: 'E_FAR',
    });
    const values = [
      undefined,
      null,
      'text',
      NaN,
      2n ** 70n,
      new Date(5),
      /x/gi,
      new Map([[{ k: 1 }, new Set([1])]]),
      new Float64Array([1.5]),
      cycle,
    ];
    expect(await roundTrip(values)).toEqual(values);
    const [back] = (await roundTrip([{ deep: error }])) as [
      { deep: RangeError & { code: string } },
    ];
    expect(back.deep).toBeInstanceOf(RangeError);
    expect(back.deep).toMatchObject({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
      cause: { message: 'because' },
    });
    expect(Object.keys(back.deep)).toEqual(['code']);
  });

  it('arrives: objects of the browser', async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, [
      'encrypt',
    ]);
    const values = [
      new Blob(['blob'], { type: 'text/plain' }),
      new File(['file'], 'name.txt'),
      new ImageData(2, 1),
      await createImageBitmap(canvas()),
      new DOMRect(1, 2, 3, 4),
      key,
    ];
    const back = (await roundTrip(values)) as typeof values;
    expect(back.map((value) => value.constructor.name)).toEqual(
      values.map((value) => value.constructor.name),
    );
    expect(await (back[0] as Blob).text()).toBe('blob');
    expect((back[1] as File).name).toBe('name.txt');
  });

  it('arrives as an error: a DOMException', async () => {
    const [back] = (await roundTrip([new DOMException('stopped', 'AbortError')])) as [Error];
    expect(back).toBeInstanceOf(Error);
    expect(back).toMatchObject({ name: 'AbortError', message: 'stopped' });
  });
});
