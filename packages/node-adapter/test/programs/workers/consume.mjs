/** @param {{ source: import('@millrace/core').ConsumerEndpoint<number> }} args */
export default async function consume({ source }) {
  const items = [];
  for await (const item of source) items.push(item);
  return items.length;
}
