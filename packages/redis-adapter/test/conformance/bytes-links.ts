import type { Transport } from '@millrace/core';
import { CODEC_BYTES, CODEC_CLONE, type Link, packErrors, TO_ENDPOINT, TO_HOME, type ValueForm } from '@millrace/core/channels';
import { type FixtureOptions, linksTarget, simulatedWires, type TransportUnderTest, type Wires } from '@millrace/core/testing';
import { BlockReader, bytesForm, decodeReason, Items, packBlock } from '../../src/codec/index.ts';

type Message = readonly unknown[];
type Settings = Parameters<Transport['openQueue']>[0];

/**
 * The port channel over links that carry values as bytes. The home at their other end is core's own, and sees of each item
 * only a Uint8Array.
 */
export function bytesLinksTarget(options: { readonly runs?: number; readonly items?: Items } = {}): TransportUnderTest {
  const { items = new Items() } = options;
  const target = linksTarget('ports over links that carry bytes', (given) => new BytesWires(given, items), options);
  const manifest = Object.freeze({ ...target.manifest, transfer: false });
  return {
    ...target,
    manifest,
    create: async (given) => {
      const fixture = await target.create(given);
      const { transport } = fixture;
      const openQueue = (spec: Settings): ReturnType<Transport['openQueue']> => decoded(transport.openQueue(spec), items);
      return { ...fixture, transport: Object.freeze({ ...transport, manifest, openQueue }) };
    },
  };
}

/** A queue whose dead letters are shown as they were put, or as they are. */
function decoded(queue: ReturnType<Transport['openQueue']>, items: Items): ReturnType<Transport['openQueue']> {
  const { deadLetters } = queue;
  const shown = <Letter extends { readonly value?: unknown }>(letter: Letter): Letter => {
    try {
      return { ...letter, ...items.decode(letter.value as Uint8Array) };
    } catch {
      return letter;
    }
  };
  return Object.create(queue, {
    deadLetters: {
      value: {
        size: () => deadLetters.size(),
        read: async (max: number) => (await deadLetters.read(max)).map(shown),
        putBack: (ids: readonly string[] | 'all') => deadLetters.putBack(ids),
        purge: (ids: readonly string[] | 'all') => deadLetters.purge(ids),
      },
    },
    on: {
      value: (type: 'dead-letter', listener: (event: { readonly value?: unknown }) => void) =>
        queue.on(type, (event) => {
          listener(event.value instanceof Uint8Array ? shown(event) : event);
        }),
    },
  }) as typeof queue;
}

class BytesWires implements Wires {
  private readonly wires: Wires;
  private readonly form: ValueForm;

  constructor(given: FixtureOptions, items: Items) {
    this.wires = simulatedWires(given);
    this.form = bytesForm(items);
  }

  open(): { near: Link; far: object } {
    const { near, far } = this.wires.open();
    return { near: atHome(near), far };
  }

  connect(far: object): Link {
    return { ...this.wires.connect(far), form: this.form };
  }

  cut(far: object): void {
    this.wires.cut(far);
  }

  underWay(): number {
    return this.wires.underWay();
  }

  leftovers(): string[] {
    return this.wires.leftovers();
  }
}

/** Between bytes and the home's vocabulary. */
function atHome(link: Link): Link {
  return {
    ...link,
    post: (message) => {
      link.post(outward(message as Message));
    },
    receive: (onMessage, onLost) => {
      link.receive((message) => {
        onMessage(inward(message));
      }, onLost);
    },
  };
}

function outward(message: Message): Message {
  if (message[0] !== TO_ENDPOINT.ITEMS) return message;
  const [kind, , count, epoch, sequence, values, extra] = message;
  return [kind, CODEC_BYTES, count, epoch, sequence, packBlock(values as Uint8Array[]), extra];
}

function inward(message: Message): Message {
  switch (message[0]) {
    case TO_HOME.BLOCK:
      return [message[0], ...opened(message.slice(1))];
    case TO_HOME.ASK:
      return [message[0], message[1], ...opened(message.slice(2))];
    case TO_HOME.NACK:
      return [...message.slice(0, 4), packed(message[4])];
    case TO_HOME.REJECT:
      return [...message.slice(0, 3), packed(message[3])];
    default:
      return message;
  }
}

function opened([, count, epoch, sequence, body]: Message): Message {
  const block = new BlockReader(body as Uint8Array, count as number);
  const values = Array.from({ length: block.count }, (_, i) => block.item(i).slice());
  return [CODEC_CLONE, count, epoch, sequence, values, undefined];
}

function packed(reason: unknown): unknown {
  return reason === undefined ? undefined : packErrors(decodeReason(reason as Uint8Array));
}
