import { platform } from '../runtime/runtime.js';
import { defineWorker } from '../workers/ref.js';
import type Maker from './workers/modules/maker.js';

/** Where the modules are, from this file or the entry point that it becomes part of. */
const modules = new platform.URL('./workers/modules/', import.meta.url).href;

export const maker = defineWorker(() => import('./workers/modules/maker.js'), `${modules}maker.js`);
export const taker = defineWorker(() => import('./workers/modules/taker.js'), `${modules}taker.js`);
export const numbers = defineWorker(() => import('./workers/modules/numbers.js'), `${modules}numbers.js`);
export const letters = defineWorker(() => import('./workers/modules/letters.js'), `${modules}letters.js`);
export const oddItems = defineWorker(() => import('./workers/modules/odd-items.js'), `${modules}odd-items.js`);
export const object = defineWorker(() => import('./workers/modules/object.js'), `${modules}object.js`);
export const sum = defineWorker(() => import('./workers/modules/sum.js'), `${modules}sum.js`);
export const built = defineWorker(() => import('./workers/modules/built.js'), `${modules}built.js`);
export const carrier = defineWorker(() => import('./workers/modules/carrier.js'), `${modules}carrier.js`);
export const crowd = defineWorker(() => import('./workers/modules/crowd.js'), `${modules}crowd.js`);
export const holder = defineWorker(() => import('./workers/modules/holder.js'), `${modules}holder.js`);
export const noLoop = defineWorker<typeof Maker>(
  () => import('./workers/modules/no-loop.js') as never,
  `${modules}no-loop.js`,
);
export const broken = defineWorker(() => import('./workers/modules/broken.js'), `${modules}broken.js`);
/** The compiler refuses it, as it should: JavaScript would not. */
export const idleClass = defineWorker<typeof Maker>(
  () => import('./workers/modules/idle-class.js') as never,
  `${modules}idle-class.js`,
);
