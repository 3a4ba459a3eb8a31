import type { PlaceState, Role } from '../line/place.js';
import { figure } from '../panel/numbers.js';
import type { Point } from './draw.js';
import { hueOf } from './flow.js';

/** What is shown of a place besides its state. */
export interface Doing {
  /** Items a second. */
  rate: number;
  blocked: boolean;
  inHand: number;
}

interface Node {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly doing: HTMLElement;
  state: PlaceState;
}

/** The workers of one role: a button each, which crashes its worker. */
export class Nodes {
  private readonly list: HTMLElement;
  private readonly role: Role;
  private readonly crash: (index: number) => void;
  private readonly nodes: Node[] = [];

  constructor(list: HTMLElement, role: Role, crash: (index: number) => void) {
    this.list = list;
    this.role = role;
    this.crash = crash;
  }

  /** A worker has begun, or has ended. */
  update(index: number, state: PlaceState): void {
    if (state === 'off') {
      for (const { item } of this.nodes.splice(index)) item.remove();
      return;
    }
    const node = this.nodes[index] ?? this.add(index);
    node.state = state;
    node.button.dataset['state'] = state;
    if (state !== 'working') this.write(index, node, state === 'crashed' ? 'crashed' : 'starting');
  }

  /** Says what each of them does. */
  show(doing: (index: number) => Doing): void {
    for (const [index, node] of this.nodes.entries()) {
      if (node.state !== 'working') continue;
      const { rate, blocked, inHand } = doing(index);
      const waits = this.role === 'producer' && blocked && rate < 0.05;
      if (waits) this.write(index, node, 'waits');
      else if (this.role === 'consumer' && inHand > 0 && rate < 10)
        this.write(index, node, `${figure(inHand)} in hand`);
      else
        this.write(
          index,
          node,
          rate < 0.05 ? 'idle' : `${rate < 1 ? rate.toFixed(1) : figure(rate)}/s`,
        );
      node.button.dataset['doing'] = waits ? 'waits' : '';
    }
  }

  /** Where items leave them, or reach them, seen from some corner of the page. */
  points(corner: Point): Point[] {
    return this.nodes.map(({ button }) => {
      const { left, right, top, height } = button.getBoundingClientRect();
      return {
        x: (this.role === 'producer' ? right + 2 : left - 2) - corner.x,
        y: top + height / 2 - corner.y,
      };
    });
  }

  clear(): void {
    for (const { item } of this.nodes.splice(0)) item.remove();
  }

  private add(index: number): Node {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'node';
    const letter = this.role === 'producer' ? 'P' : 'C';
    const name = document.createElement('b');
    name.textContent = `${letter}${String(index + 1)}`;
    const doing = document.createElement('span');
    button.append(name, doing);
    if (this.role === 'producer') button.style.setProperty('--hue', String(hueOf(index)));
    button.addEventListener('click', () => {
      this.crash(index);
    });
    item.append(button);
    this.list.append(item);
    const node: Node = { item, button, doing, state: 'starting' };
    this.nodes[index] = node;
    return node;
  }

  private write(index: number, { button, doing }: Node, text: string): void {
    if (doing.textContent === text) return;
    doing.textContent = text;
    const who = this.role === 'producer' ? 'Producer' : 'Consumer';
    button.setAttribute(
      'aria-label',
      `${who} ${String(index + 1)}, ${text.replace('/s', ' a second')}. Crash it`,
    );
  }
}
