import { onPageOrInWorker } from './hosted.ts';

onPageOrInWorker('workers');
