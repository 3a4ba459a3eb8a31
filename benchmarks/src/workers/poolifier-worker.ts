import { ThreadWorker } from 'poolifier';

import make, { type Task } from './task.js';

export default new ThreadWorker<Task, unknown>((task) => make(task!));
