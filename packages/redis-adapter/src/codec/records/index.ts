export { RecordReader } from './read.js';
export { RecordWriter } from './write.js';
