/** Writes to both of its outputs. */
export default function logs(): void {
  console.log('to stdout');
  console.error('to stderr');
}
