import { onPageOrInWorker } from './hosted.ts';

onPageOrInWorker('ports');
