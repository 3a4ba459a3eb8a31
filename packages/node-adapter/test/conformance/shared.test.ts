import { rulesOverThreads } from './over-threads.ts';
import { sharedThreadTarget } from './thread-target.ts';

rulesOverThreads('all', sharedThreadTarget);
