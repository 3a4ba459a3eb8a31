declare module '@size-limit/file' {
  const plugins: ((...args: unknown[]) => unknown)[];
  export default plugins;
}
declare module '@size-limit/rolldown' {
  const plugins: ((...args: unknown[]) => unknown)[];
  export default plugins;
}
