import { inWorker, onPage } from './hosted.ts';

onPage('ports');
inWorker('ports');
