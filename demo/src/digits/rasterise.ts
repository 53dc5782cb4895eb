/**
 * Turns pen strokes into an image as MNIST's are: the digit fits a box of
 * 20 by 20 pixels, its proportions kept, and its centre of mass is in the middle
 * of 28 by 28.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points that the pen went through without being lifted. */
export type Stroke = readonly Point[];

export const imageSide = 28;
const boxSide = 20;
/** Width of a stroke in pixels of the image, about that of MNIST's. */
const penWidth = 2.4;
/** Over how many pixels the edge of a stroke fades. */
const softness = 1.3;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boundingBox(strokes: readonly Stroke[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of strokes.flat()) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** Distance of a point from the straight line between two others. */
function distanceToSegment(x: number, y: number, from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((x - from.x) * dx + (y - from.y) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
}

/** Draws one straight piece of a stroke: each pixel is as dark as the pen covers its middle. */
function drawSegment(image: Float32Array, from: Point, to: Point): void {
  const reach = (penWidth + softness) / 2;
  const first = (a: number, b: number) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const end = (a: number, b: number) => Math.min(imageSide, Math.ceil(Math.max(a, b) + reach));
  for (let y = first(from.y, to.y); y < end(from.y, to.y); y++) {
    for (let x = first(from.x, to.x); x < end(from.x, to.x); x++) {
      const distance = distanceToSegment(x + 0.5, y + 0.5, from, to);
      const ink = Math.min(1, Math.max(0, 0.5 + (penWidth / 2 - distance) / softness));
      const at = y * imageSide + x;
      image[at] = Math.max(image[at] ?? 0, ink);
    }
  }
}

function draw(strokes: readonly Stroke[]): Float32Array {
  const image = new Float32Array(imageSide * imageSide);
  for (const stroke of strokes) {
    stroke.forEach((point, i) => {
      drawSegment(image, stroke[i - 1] ?? point, point);
    });
  }
  return image;
}

function centreOfMass(image: Float32Array): Point {
  let [mass, x, y] = [0, 0, 0];
  image.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % imageSide) + 0.5);
    y += ink * (Math.floor(i / imageSide) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}

function transform(strokes: readonly Stroke[], map: (point: Point) => Point): Stroke[] {
  return strokes.map((stroke) => stroke.map(map));
}

/**
 * @param strokes - In any unit.
 * @param side - Side of the drawing area in that unit; a mere dot is not blown up
 * to fill the box.
 * @returns 784 values from 0 (paper) to 1 (ink), or undefined without strokes.
 */
export function rasterise(strokes: readonly Stroke[], side: number): Float32Array | undefined {
  if (strokes.every((stroke) => stroke.length === 0)) return undefined;
  const { left, top, width, height } = boundingBox(strokes);
  const scale = (boxSide - penWidth) / Math.max(width, height, side / 8);
  const middle = imageSide / 2;
  const fitted = transform(strokes, ({ x, y }) => ({
    x: (x - left - width / 2) * scale + middle,
    y: (y - top - height / 2) * scale + middle,
  }));
  const mass = centreOfMass(draw(fitted));
  return draw(
    transform(fitted, ({ x, y }) => ({ x: x + middle - mass.x, y: y + middle - mass.y })),
  );
}
