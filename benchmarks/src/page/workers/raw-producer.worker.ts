import { payloadNamed } from '../../payloads.js';
import { END, type RawTask } from './raw-task.js';

onmessage = ({ data: { payload, items } }: MessageEvent<RawTask>) => {
  const made = payloadNamed(payload);
  // As fast as it can: nothing holds it back, and all that the page has not taken lies in memory.
  for (let i = 0; i < items; i++) postMessage(made.make(i));
  postMessage(END);
};
