/** Colours that are drawn with rather than styled by: the ones of the style sheet, as they are in this theme. */
export class Palette {
  private readonly probe = document.createElement('span');
  private readonly known = new Map<string, string>();

  constructor() {
    this.probe.hidden = true;
    document.body.append(this.probe);
  }

  /** The value of a custom property that is a colour: `--ink`. */
  of(name: string): string {
    let colour = this.known.get(name);
    if (colour === undefined) {
      this.probe.style.color = `var(${name})`;
      colour = getComputedStyle(this.probe).color;
      this.known.set(name, colour);
    }
    return colour;
  }

  /** An item's colour. */
  item(hue: number): string {
    const name = `item ${String(hue)}`;
    let colour = this.known.get(name);
    if (colour === undefined) {
      this.probe.style.color = itemColour(hue);
      colour = getComputedStyle(this.probe).color;
      this.known.set(name, colour);
    }
    return colour;
  }

  /** The theme is another one now. */
  forget(): void {
    this.known.clear();
  }
}

/** For each theme one that can be seen on its ground. */
function itemColour(hue: number): string {
  return `light-dark(oklch(0.6 0.14 ${String(hue)}), oklch(0.74 0.12 ${String(hue)}))`;
}
