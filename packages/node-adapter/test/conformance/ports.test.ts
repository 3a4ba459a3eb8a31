import { rulesOverThreads } from './over-threads.ts';
import { threadTarget } from './thread-target.ts';

rulesOverThreads('threaded', threadTarget);
