import { inject } from 'vitest';
import { inWorker, onPage } from './hosted.ts';

const suite = inject('full') ? 'allShared' : 'shared';
onPage(suite);
inWorker(suite);
