import { worker } from 'workerpool';

import make from './task.js';

worker({ make });
