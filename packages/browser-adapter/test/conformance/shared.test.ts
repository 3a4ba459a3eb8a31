import { inject } from 'vitest';
import { inWorker, onPage } from './hosted.ts';

// In each engine the one or the other, unless all is asked for.
if (inject('full') || inject('engine') === 'chromium') {
  onPage(inject('full') ? 'allShared' : 'shared');
  onPage('sharedHere');
}
if (inject('full') || inject('engine') !== 'chromium') {
  inWorker(inject('full') ? 'allShared' : 'shared');
  inWorker('sharedHere');
}
