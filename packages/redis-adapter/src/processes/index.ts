export type { ChildHome, ChildModule, ChildPlace, EndpointHome } from './home.js';
export type { ProcessLimits } from './flags.js';
export { type ProcessOptions, startProcess } from './start.js';
