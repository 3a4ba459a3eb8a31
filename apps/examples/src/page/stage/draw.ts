import { type Dot, FLIGHT, type Flow } from './flow.js';
import type { Palette } from './palette.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Where everything is, in pixels of the page. */
export interface Places {
  readonly width: number;
  readonly height: number;
  /** Where items leave a producer, and where they reach a consumer. */
  readonly producers: readonly Point[];
  readonly consumers: readonly Point[];
  readonly queue: Box;
}

const PADDING = 10;

/** The slots of a queue: as large as they can be, in as few rows as then will do. */
function slotsIn(
  { width, height }: Box,
  slots: number,
): { readonly pitch: number; readonly rows: number; readonly columns: number } {
  const [w, h] = [width - 2 * PADDING, height - 2 * PADDING];
  for (let pitch = 30; ; pitch -= 0.5) {
    const rows = Math.ceil(slots / Math.max(1, Math.floor(w / pitch)));
    if (rows * pitch <= h || pitch <= 4) return { pitch, rows, columns: Math.ceil(slots / rows) };
  }
}

/** Draws what is to be seen of a line. */
export class Drawing {
  private readonly context: CanvasRenderingContext2D;
  private readonly palette: Palette;
  private size = '';

  constructor(canvas: HTMLCanvasElement, palette: Palette) {
    this.context = canvas.getContext('2d')!;
    this.palette = palette;
  }

  draw(flow: Flow, places: Places, ready: boolean, now: number): void {
    const { context } = this;
    this.fit(places);
    context.clearRect(0, 0, places.width, places.height);
    this.paths(places, ready);
    this.queue(flow, places, ready);
    const radius = flow.perDot === 1 ? 5 : 4;
    for (const dot of flow.dots) this.dot(dot, places, radius, now);
  }

  private fit({ width, height }: Places): void {
    const { context } = this;
    const ratio = Math.min(2, devicePixelRatio);
    const size = `${String(width)} ${String(height)} ${String(ratio)}`;
    if (size === this.size) return;
    this.size = size;
    context.canvas.width = Math.round(width * ratio);
    context.canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /** The ways that items take, faintly. */
  private paths({ producers, consumers, queue }: Places, ready: boolean): void {
    const { context, palette } = this;
    context.strokeStyle = palette.of('--path');
    context.lineWidth = 1.5;
    const [inlet, outlet] = ends(queue);
    context.beginPath();
    for (const from of producers) curve(context, from, inlet);
    for (const to of consumers) curve(context, outlet, to);
    context.stroke();
    // The gate.
    context.lineCap = 'round';
    context.lineWidth = 4;
    context.strokeStyle = palette.of(ready ? '--open' : '--shut');
    context.beginPath();
    const half = ready ? 9 : 22;
    context.moveTo(inlet.x, inlet.y - 22);
    context.lineTo(inlet.x, inlet.y - 22 + half);
    context.moveTo(inlet.x, inlet.y + 22);
    context.lineTo(inlet.x, inlet.y + 22 - half);
    context.stroke();
  }

  private queue(flow: Flow, { queue }: Places, ready: boolean): void {
    const { context, palette } = this;
    const { pitch, rows, columns } = slotsIn(queue, flow.slots);
    const radius = Math.max(1.5, pitch * 0.32);
    const right = queue.x + queue.width / 2 + (columns * pitch) / 2 - pitch / 2;
    const top = queue.y + queue.height / 2 - ((rows - 1) * pitch) / 2;
    const at = (slot: number): Point => ({
      x: right - Math.floor(slot / rows) * pitch,
      y: top + (slot % rows) * pitch,
    });
    context.globalAlpha = ready ? 1 : 0.45;
    context.fillStyle = palette.of('--slot');
    context.beginPath();
    for (let slot = flow.cells.length; slot < flow.slots; slot++)
      circle(context, at(slot), radius * 0.8);
    context.fill();
    const byHue = new Map<number, number[]>();
    for (const [slot, hue] of flow.cells.entries()) {
      const slots = byHue.get(hue);
      if (slots === undefined) byHue.set(hue, [slot]);
      else slots.push(slot);
    }
    for (const [hue, slots] of byHue) {
      context.fillStyle = palette.item(hue);
      context.beginPath();
      for (const slot of slots) circle(context, at(slot), radius);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  private dot(dot: Dot, places: Places, radius: number, now: number): void {
    const { context, palette } = this;
    const way = Math.min(1, Math.max(0, (now - dot.begin) / FLIGHT));
    const [inlet, outlet] = ends(places.queue);
    const place = (end: Dot['from']): Point => {
      if (end === 'producer') return places.producers[dot.index] ?? inlet;
      if (end === 'consumer') return places.consumers[dot.index] ?? outlet;
      return dot.from === 'producer' ? inlet : outlet;
    };
    let at: Point;
    context.globalAlpha = 1;
    if (dot.to === 'away') {
      // It comes as far as the gate, or out of the queue, and falls.
      const from = place(dot.from);
      const turn = dot.from === 'producer' ? 0.6 : 0;
      const edge = dot.from === 'producer' ? { x: inlet.x - 8, y: inlet.y } : outlet;
      const fall = Math.max(0, (way - turn) / (1 - turn));
      at =
        turn > 0 && way < turn
          ? onCurve(from, edge, way / turn)
          : { x: edge.x + (turn > 0 ? -14 : 14) * fall, y: edge.y + 90 * fall * fall };
      context.globalAlpha = 1 - fall;
      context.fillStyle = fall > 0 ? palette.of('--shut') : palette.item(dot.hue);
    } else {
      at = onCurve(place(dot.from), place(dot.to), way);
      context.fillStyle = dot.again ? palette.of('--again') : palette.item(dot.hue);
    }
    context.beginPath();
    circle(context, at, radius);
    context.fill();
    if (dot.again) {
      context.strokeStyle = palette.of('--again');
      context.lineWidth = 1.5;
      context.beginPath();
      circle(context, at, radius + 3.5);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}

function ends({ x, y, width, height }: Box): readonly [inlet: Point, outlet: Point] {
  return [
    { x, y: y + height / 2 },
    { x: x + width, y: y + height / 2 },
  ];
}

function circle(context: CanvasRenderingContext2D, { x, y }: Point, radius: number): void {
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function curve(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  const middle = (from.x + to.x) / 2;
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(middle, from.y, middle, to.y, to.x, to.y);
}

/** The same curve, part of the way. */
function onCurve(from: Point, to: Point, way: number): Point {
  const back = 1 - way;
  const middle = (from.x + to.x) / 2;
  const [a, b, c, d] = [back ** 3, 3 * back * back * way, 3 * back * way * way, way ** 3];
  return { x: a * from.x + (b + c) * middle + d * to.x, y: (a + b) * from.y + (c + d) * to.y };
}
