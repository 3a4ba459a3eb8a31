/**
 * To be called last: lets what is under way happen, says what still holds the process, and lets go.
 *
 * @param {unknown} result
 */
export async function end(result) {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  const left = process
    .getActiveResourcesInfo()
    .filter((name) => /MessagePort|Worker|Timeout/.test(name));
  console.log(JSON.stringify({ result, left }));
}

/**
 * The code of what an act fails with.
 *
 * @param {Promise<unknown>} act
 */
export async function codeOf(act) {
  try {
    return `gave ${String(await act)}`;
  } catch (error) {
    return error.code;
  }
}
