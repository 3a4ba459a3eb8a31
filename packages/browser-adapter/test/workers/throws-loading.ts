export default function never(): void {
  // It is not loaded.
}

throw new RangeError('thrown while it was loaded');
