/** Takes its uncaught errors itself, and goes on. */
export default async function careful(): Promise<string[]> {
  const seen: string[] = [];
  const caught = new Promise<void>((resolve) => {
    for (const type of ['error', 'unhandledrejection'])
      self.addEventListener(type, (event) => {
        event.preventDefault();
        seen.push(type);
        if (seen.length === 2) resolve();
      });
  });
  setTimeout(() => {
    throw new Error('taken');
  });
  void Promise.reject(new Error('taken too'));
  await caught;
  return seen.sort();
}
