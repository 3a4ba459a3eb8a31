import { inject } from 'vitest';
import { onPageOrInWorker } from './hosted.ts';

// All rules in one engine, unless all is asked for: in the others those that depend on workers.
onPageOrInWorker(inject('full') || inject('engine') === 'chromium' ? 'allEndpoints' : 'endpoints');
