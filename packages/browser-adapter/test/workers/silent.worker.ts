// Serves nothing.
export {};
