import { expose } from 'threads/worker';

import { maker } from './maker.js';

expose(maker);
