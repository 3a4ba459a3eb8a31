const OPEN = '\x1b[?1049h\x1b[?25l';
const RESTORE = '\x1b[?25h\x1b[?1049l';

/** q, Q, Ctrl-C, Ctrl-D. */
const QUIT: readonly number[] = [0x71, 0x51, 0x03, 0x04];

/** The whole terminal, until it is restored: it looks then as before. */
export class Screen {
  private readonly quit: () => void;
  private page: ((rows: number) => readonly string[]) | undefined;
  private said = '';
  private open = true;

  /** @param quit called when q or Ctrl-C is pressed */
  constructor(quit: () => void) {
    this.quit = quit;
    const { stdin, stdout } = process;
    stdout.write(OPEN);
    stdout.on('resize', this.redraw);
    // However the process ends.
    process.on('exit', this.restore);
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    stdin.on('data', this.pressed);
  }

  /** Shows this, and again whenever the terminal's size changes. */
  draw(page: (rows: number) => readonly string[]): void {
    this.page = page;
    this.said = '';
    this.redraw();
  }

  /** Says something at the bottom. */
  note(text: string): void {
    this.said = text;
    this.redraw();
  }

  readonly restore = (): void => {
    if (!this.open) return;
    this.open = false;
    const { stdin, stdout } = process;
    stdout.off('resize', this.redraw);
    process.off('exit', this.restore);
    if (stdin.isTTY) {
      stdin.off('data', this.pressed);
      stdin.setRawMode(false);
      stdin.pause();
    }
    stdout.write(RESTORE);
  };

  private readonly redraw = (): void => {
    if (!this.open) return;
    const [columns, rows] = sizeOf(process.stdout);
    const lines = [...(this.page?.(rows) ?? []), ...(this.said === '' ? [] : [this.said])].slice(0, rows);
    process.stdout.write(`\x1b[H${lines.map((line) => `${Array.from(line).slice(0, columns).join('')}\x1b[K`).join('\r\n')}\x1b[J`);
  };

  private readonly pressed = (keys: Buffer): void => {
    // In raw mode Ctrl-C is a key as any other.
    if (keys.some((key) => QUIT.includes(key))) this.quit();
  };
}

/** Some terminals say that they have no size. */
function sizeOf({ columns, rows }: NodeJS.WriteStream): [number, number] {
  return [columns > 0 ? columns : 80, rows > 0 ? rows : 24];
}
