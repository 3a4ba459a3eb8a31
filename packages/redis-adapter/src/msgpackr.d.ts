/** msgpackr, without a native addon and without `eval`: it has this entry, and no types for it. */
declare module 'msgpackr/index-no-eval' {
  export { addExtension, isNativeAccelerationEnabled, Packr, RESET_BUFFER_MODE, Unpackr } from 'msgpackr';
}
