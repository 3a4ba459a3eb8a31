/** How long somebody who wants to end waits for a server that may not answer, in ms. */
export const PATIENCE = 2000;

/** Undefined where it takes longer than `ms`, or fails. */
export async function atMost<T>(ms: number, waiting: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([waiting.catch(() => undefined), passed]);
  } finally {
    clearTimeout(timer);
  }
}
