const KEY = 'millrace-theme';

/** The button that changes between light and dark; the system's wish holds until it is used. */
export function bindTheme(changed: () => void): void {
  const button = document.getElementById('theme')!;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const { dataset } = document.documentElement;
  const kept = localStorage.getItem(KEY);
  if (kept === 'light' || kept === 'dark') dataset['theme'] = kept;
  const isDark = (): boolean =>
    (dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = (): void => {
    button.ariaPressed = String(isDark());
    changed();
  };
  button.addEventListener('click', () => {
    dataset['theme'] = isDark() ? 'light' : 'dark';
    localStorage.setItem(KEY, dataset['theme']);
    show();
  });
  system.addEventListener('change', show);
  show();
}
