import { expose } from 'comlink';

import { maker } from '../../workers/maker.js';

expose(maker);
