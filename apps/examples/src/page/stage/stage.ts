import type { PlaceState, Role } from '../line/place.js';
import { Drawing, type Places } from './draw.js';
import { Flow } from './flow.js';
import { type Doing, Nodes } from './nodes.js';
import type { Palette } from './palette.js';

const element = (id: string): HTMLElement => document.getElementById(id)!;

/** The picture of the line: its workers, which are buttons, and a canvas behind them on which items move. */
export class Stage {
  flow: Flow;
  /** Whether the gate is drawn open. */
  ready = true;
  private readonly nodes: Record<Role, Nodes>;
  private readonly drawing: Drawing;
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly stage = element('stage');
  private readonly queue = element('queue');
  private places: Places | undefined;
  private frame: number | undefined;
  private capacity: number;

  constructor(palette: Palette, capacity: number, crash: (role: Role, index: number) => void) {
    this.capacity = capacity;
    this.flow = new Flow(capacity, this.still.matches);
    this.drawing = new Drawing(element('canvas') as HTMLCanvasElement, palette);
    const nodesOf = (role: Role): Nodes =>
      new Nodes(element(`${role}s`), role, (index) => {
        crash(role, index);
      });
    this.nodes = { producer: nodesOf('producer'), consumer: nodesOf('consumer') };
    new ResizeObserver(() => {
      this.moved();
    }).observe(this.stage);
    this.still.addEventListener('change', () => {
      this.flow = new Flow(this.capacity, this.still.matches);
    });
  }

  /** Shows another line, with an empty queue. */
  renew(capacity: number): void {
    this.capacity = capacity;
    this.ready = true;
    this.flow = new Flow(capacity, this.still.matches);
    for (const nodes of Object.values(this.nodes)) nodes.clear();
    this.moved();
  }

  update(role: Role, index: number, state: PlaceState): void {
    this.nodes[role].update(index, state);
    this.moved();
  }

  show(role: Role, doing: (index: number) => Doing): void {
    this.nodes[role].show(doing);
  }

  /** Draws anew, and goes on for as long as something moves. */
  readonly invalidate = (): void => {
    // Nobody looks, and no frame comes: what has moved by now has moved.
    if (document.hidden) this.flow.advance(performance.now());
    this.frame ??= requestAnimationFrame(this.draw);
  };

  private readonly draw = (): void => {
    this.frame = undefined;
    const now = performance.now();
    this.places ??= this.measure();
    this.flow.advance(now);
    this.drawing.draw(this.flow, this.places, this.ready, now);
    if (this.flow.busy) this.invalidate();
  };

  private moved(): void {
    this.places = undefined;
    this.invalidate();
  }

  private measure(): Places {
    const { left: x, top: y, width, height } = this.stage.getBoundingClientRect();
    const queue = this.queue.getBoundingClientRect();
    return {
      width,
      height,
      producers: this.nodes.producer.points({ x, y }),
      consumers: this.nodes.consumer.points({ x, y }),
      queue: { x: queue.left - x, y: queue.top - y, width: queue.width, height: queue.height },
    };
  }
}
