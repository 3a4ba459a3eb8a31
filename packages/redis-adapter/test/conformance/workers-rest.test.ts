import { workersOverRedis } from './workers-over.ts';

workersOverRedis('rest');
