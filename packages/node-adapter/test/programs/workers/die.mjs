/**
 * Takes an item, puts one, and dies.
 *
 * @param {{ source: import('@millrace/core').ConsumerEndpoint<number>,
 *   out: import('@millrace/core').ProducerEndpoint<number>, way: string }} args
 */
export default async function die({ source, out, way }) {
  await source.deliveries().next();
  await out.put(-1);
  if (way === 'exit') process.exit(3);
  if (way === 'reject') throw new Error('rejected');
  if (way === 'throw') {
    setTimeout(() => {
      throw new Error('thrown in a timer');
    });
    await new Promise(() => {});
  }
  const kept = [];
  while (way === 'out-of-memory') kept.push(new Array(1000).fill(kept.length));
}
