/** Returns, and leaves a timer and a server behind. */
export default async function leaveTimer() {
  setInterval(() => {}, 1000);
  const { createServer } = await import('node:net');
  createServer().listen(0, '127.0.0.1');
  return 'returned';
}
