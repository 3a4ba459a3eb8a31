import { inject } from 'vitest';
import { onPageOrInWorker } from './hosted.ts';

// Those rules that depend on workers, unless all is asked for: `ports.test.ts` has all in one page or worker.
onPageOrInWorker(inject('full') ? 'allEndpoints' : 'endpoints');
