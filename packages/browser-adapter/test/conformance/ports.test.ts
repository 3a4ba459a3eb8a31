import { onPageAndInWorker } from './hosted.ts';

onPageAndInWorker('ports');
