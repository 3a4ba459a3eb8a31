import { parentPort } from 'node:worker_threads';

import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

import { maker } from './maker.js';

if (parentPort !== null) expose(maker, nodeEndpoint(parentPort));
