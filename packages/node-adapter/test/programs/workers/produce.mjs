/** @param {{ out: import('@millrace/core').ProducerEndpoint<number>, items: number }} args */
export default async function produce({ out, items }) {
  for (let n = 0; n < items; n++) await out.put(n);
  return items;
}
