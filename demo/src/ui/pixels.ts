import { imageSide } from '../digits/rasterise.js';
import type { Maps } from '../types.js';
import { cssValue } from '../../shared/dom.js';

/** Red, green and blue of a colour of the style sheet, in whatever notation it stands there. */
function channels(context: CanvasRenderingContext2D, name: string): number[] {
  // A canvas gives an opaque colour back as #rrggbb.
  context.fillStyle = cssValue(name);
  const colour = context.fillStyle;
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** Empty pixels between two images. */
const gap = 1;
/** Images in a row. */
const perRow = 8;

/**
 * Paints images side by side in one canvas, one pixel a value: nothing for zero, and the two colours
 * of the curves above and below.
 */
export function paintMaps(canvas: HTMLCanvasElement, { count, height, width, values }: Maps): void {
  const columns = Math.min(count, perRow);
  canvas.width = columns * (width + gap) - gap;
  canvas.height = Math.ceil(count / perRow) * (height + gap) - gap;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const [above, below] = [channels(context, '--train'), channels(context, '--test')];
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const target = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => {
    const map = Math.floor(i / (height * width));
    const x = (map % perRow) * (width + gap) + (i % width);
    const y = Math.floor(map / perRow) * (height + gap) + (Math.floor(i / width) % height);
    const at = 4 * (y * canvas.width + x);
    target.data.set(value > 0 ? above : below, at);
    target.data[at + 3] = (Math.abs(value) / most) * 255;
  });
  context.putImageData(target, 0, 0);
}

/**
 * Paints a 28 by 28 image, 0 for paper and 1 for ink, in the page's colours.
 * The canvas is 28 by 28 too; the style sheet enlarges it.
 */
export function paintImage(canvas: HTMLCanvasElement, image: ArrayLike<number>, ink = 1): void {
  canvas.width = imageSide;
  canvas.height = imageSide;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const from = channels(context, '--paper');
  const to = channels(context, '--ink');
  const target = context.createImageData(imageSide, imageSide);
  for (let i = 0; i < imageSide * imageSide; i++) {
    const share = (image[i] ?? 0) / ink;
    for (let channel = 0; channel < 3; channel++) {
      const start = from[channel] ?? 0;
      target.data[i * 4 + channel] = start + ((to[channel] ?? 0) - start) * share;
    }
    target.data[i * 4 + 3] = 255;
  }
  context.putImageData(target, 0, 0);
}
