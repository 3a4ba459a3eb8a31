/** Returns at once, and has something left to do. */
export default function lingers({ ledger }: { readonly ledger: SharedArrayBuffer }): string {
  setTimeout(() => Atomics.store(new Int32Array(ledger), 0, 1), 50);
  return 'returned';
}
