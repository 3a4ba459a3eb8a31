const KEPT = 3;

/**
 * Says what happened, for all to see and to hear; the latest comes first.
 *
 * @param about - what it is about: if the line before is about the same, this one takes its place
 */
export function say(text: string, about?: string): void {
  const log = document.getElementById('log')!;
  const latest = log.firstElementChild as HTMLElement | null;
  if (about !== undefined && latest?.dataset['about'] === about) {
    latest.textContent = text;
    return;
  }
  const line = document.createElement('li');
  line.textContent = text;
  if (about !== undefined) line.dataset['about'] = about;
  log.prepend(line);
  while (log.children.length > KEPT) log.lastElementChild!.remove();
}
