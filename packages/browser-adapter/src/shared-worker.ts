/** What a worker loads when the first endpoint in shared memory comes to it. */
export { reviveShared } from '@millrace/core/channels';
