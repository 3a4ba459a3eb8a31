// What every test file is told about the page that it runs in: `inject('engine')`, `inject('isolated')`.

declare module 'vitest' {
  export interface ProvidedContext {
    engine: 'chromium' | 'firefox' | 'webkit';
    /** Whether the page was served with the headers that isolate it from other origins. */
    isolated: boolean;
    /** Whether every combination is to be tried, however long it takes. */
    full: boolean;
  }
}

export {};
