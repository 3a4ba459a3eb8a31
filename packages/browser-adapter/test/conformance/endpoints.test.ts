import { onPageOrInWorker } from './hosted.ts';

onPageOrInWorker('endpoints');
