import { imageSide } from '../digits/rasterise.js';
import { cssValue } from './dom.js';

/** Red, green and blue of a colour of the style sheet, in whatever notation it stands there. */
function channels(context: CanvasRenderingContext2D, name: string): number[] {
  // A canvas gives an opaque colour back as #rrggbb.
  context.fillStyle = cssValue(name);
  const colour = context.fillStyle;
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
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
