import { onPageAndInWorker } from './hosted.ts';

onPageAndInWorker('endpoints');
