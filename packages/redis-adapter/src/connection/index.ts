export { connect } from './connection.js';
export { script } from './script.js';
export type * from './types.js';
