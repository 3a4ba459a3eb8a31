/** What a peer is called while it travels. */
export const PEER = 'peer';

/** What an end of a pipe is called while it travels. */
export const PIPE_END = 'pipe-end';
