self.close();

export default function never(): void {
  // It is gone by then.
}
