import { onPageAndInWorker } from './hosted.ts';

onPageAndInWorker('workers');
