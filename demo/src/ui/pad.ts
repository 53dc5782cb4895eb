import type { Point, Stroke } from '../digits/rasterise.js';
import { byId, cssValue, oncePerFrame, onThemeChange } from '../../shared/dom.js';

/** Side of the drawing area in its own unit. */
export const padSide = 560;
/** Width of the pen's line in that unit. */
const penWidth = 40;
/** Distance in that unit below which a new point adds nothing. */
const closest = 4;

/** A square to draw on with mouse, finger or pen. */
export class Pad {
  readonly #canvas = byId('pad', HTMLCanvasElement);
  readonly #onChange: () => void;
  readonly #drawSoon = oncePerFrame(() => {
    this.#draw();
  });
  #strokes: Point[][] = [];
  #pointer: number | undefined;

  /** @param onChange - Called when a stroke begins or grows. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#begin(event);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (event.pointerId === this.#pointer) this.#extend(event);
    });
    for (const type of ['pointerup', 'pointercancel'] as const) {
      this.#canvas.addEventListener(type, (event) => {
        if (event.pointerId === this.#pointer) this.#pointer = undefined;
      });
    }
    onThemeChange(this.#drawSoon);
  }

  get strokes(): readonly Stroke[] {
    return this.#strokes;
  }

  clear(): void {
    this.#strokes = [];
    this.#drawSoon();
  }

  #begin(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([this.#position(event)]);
    this.#changed();
  }

  #extend(event: PointerEvent): void {
    const stroke = this.#strokes.at(-1);
    if (stroke === undefined) return;
    // The browser merges moves between two frames; here they are one by one.
    const moves = event.getCoalescedEvents();
    for (const move of moves.length > 0 ? moves : [event]) {
      const point = this.#position(move);
      const last = stroke.at(-1);
      if (last && Math.hypot(point.x - last.x, point.y - last.y) < closest) continue;
      stroke.push(point);
    }
    this.#changed();
  }

  #position({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * padSide,
      y: ((clientY - top) / height) * padSide,
    };
  }

  #changed(): void {
    this.#drawSoon();
    this.#onChange();
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.clearRect(0, 0, padSide, padSide);
    context.strokeStyle = cssValue('--ink');
    context.lineWidth = penWidth;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const stroke of this.#strokes) {
      context.beginPath();
      const [first] = stroke;
      if (first) context.moveTo(first.x, first.y);
      for (const { x, y } of stroke) context.lineTo(x, y);
      context.stroke();
    }
  }
}
