import { parentPort } from 'node:worker_threads';

import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

import { payloadNamed, type PayloadName } from '../payloads.js';

if (parentPort !== null)
  expose({ make: (payload: PayloadName, index: number) => payloadNamed(payload).make(index) }, nodeEndpoint(parentPort));
