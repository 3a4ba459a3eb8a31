import type { Contender, Scenario } from '../../contender.js';
import { batchedHub } from '../../contenders/threads/between/hub.js';
import { millraceBetween } from '../../contenders/threads/between/millrace.js';
import { batchedMesh, rawPorts } from '../../contenders/threads/between/ports.js';
import { pythonQueue } from '../../contenders/threads/between/python.js';
import { ringBetween } from '../../contenders/threads/between/ringbuf.js';
import { fourToFour, oneToOne, type Shape } from '../../contenders/threads/between/shape.js';
import {
  channels,
  ports,
  roomySharedMemory,
  sharedMemory,
} from '../../contenders/threads/channels.js';
import { CHUNK } from '../../contenders/sizes.js';

const small = { items: 4_000_000, warm: 1_500_000 };
const medium = { items: 2_000_000, warm: 750_000 };
const large = { items: 20_000, warm: 5_000 };
const loads = { small, medium, large };
/** Between eight threads on few processors, so that each has done as much as one of two before its time is taken. */
const many = {
  small: { items: 12_000_000, warm: 6_000_000 },
  medium: { items: 6_000_000, warm: 3_000_000 },
};

const ours = (shape: Shape): Contender[] =>
  channels.map((channel) => millraceBetween(shape, channel));
const chunked = <S extends Shape>(shape: S): S => ({ ...shape, chunk: CHUNK });

/** This project settles by and by: what that costs where everything else is the same. */
const onTake = millraceBetween(
  oneToOne,
  { ...sharedMemory, name: 'on-take' },
  { acknowledge: 'on-take' },
);
const onTakePorts = millraceBetween(
  oneToOne,
  { ...ports, name: 'on-take' },
  { acknowledge: 'on-take' },
);

const scenarios: readonly Scenario[] = [
  {
    name: 'worker-to-worker',
    unit: 'items/s',
    contenders: [
      rawPorts(oneToOne),
      batchedMesh(oneToOne),
      ...ours(oneToOne),
      ringBetween(1),
      pythonQueue(oneToOne),
    ],
    loads,
  },
  {
    name: 'worker-to-worker-chunks',
    unit: 'items/s',
    contenders: [
      rawPorts(oneToOne),
      batchedMesh(oneToOne),
      ...ours(chunked(oneToOne)),
      ringBetween(CHUNK),
    ],
    loads: { small, medium },
  },
  {
    name: 'four-and-four',
    unit: 'items/s',
    contenders: [
      batchedMesh(fourToFour),
      batchedHub(fourToFour),
      ...ours(fourToFour),
      { ...pythonQueue(fourToFour), share: 0.03 },
    ],
    loads: { ...many, large },
  },
  {
    name: 'four-and-four-chunks',
    unit: 'items/s',
    contenders: [batchedMesh(fourToFour), batchedHub(fourToFour), ...ours(chunked(fourToFour))],
    loads: many,
  },
  {
    name: 'sizes',
    unit: 'items/s',
    contenders: [
      rawPorts(oneToOne),
      ...ours(oneToOne),
      millraceBetween(oneToOne, roomySharedMemory),
    ],
    loads: {
      'bytes-8': { items: 400_000, warm: 120_000 },
      'bytes-64': { items: 400_000, warm: 120_000 },
      'bytes-512': { items: 300_000, warm: 100_000 },
      'kib-4': { items: 180_000, warm: 50_000 },
      'kib-64': { items: 20_000, warm: 5_000 },
      'mib-1': { items: 1_000, warm: 200 },
      'mib-16': { items: 60, warm: 12 },
    },
  },
  {
    name: 'accounting',
    unit: 'items/s',
    contenders: [millraceBetween(oneToOne, sharedMemory), onTake],
    loads: { small, medium },
  },
  {
    name: 'accounting-ports',
    unit: 'items/s',
    contenders: [millraceBetween(oneToOne, ports), onTakePorts],
    loads: { small, medium },
  },
];

/** From workers to workers. Each run starts new ones: none of them would be warmer after a run that does not count. */
export const between: readonly Scenario[] = scenarios.map((scenario) => ({
  ...scenario,
  warmUp: false,
}));
