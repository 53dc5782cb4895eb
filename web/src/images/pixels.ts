import { FormatError, ShapeError, StateError, UnsupportedError } from '../index.js';
import { isDetached, reject, wholeNumber } from '../runtime/checks.js';
import { describe } from '../runtime/errors.js';

/**
 * The bytes of a picture, row by row, as decoders for Node give them, and `ImageData`: 1, 3 or 4 of
 * each pixel, grey or red, green, blue and opacity.
 */
export interface PixelSource {
  /** `width * height * channels` of them. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Pixels in a row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** Bytes of a pixel. Default: as many as `data` has for each. */
  readonly channels?: number | undefined;
}

/** The bytes of a picture that were checked. */
export interface Pixels extends PixelSource {
  readonly channels: number;
}

/**
 * Sources of pictures. All but bytes and `ImageData` need a page or a worker, which draws them;
 * a `Blob` or `File` is a file that browsers can show.
 */
export type ImageSource =
  | PixelSource
  | ImageData
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLVideoElement
  | ImageBitmap
  | VideoFrame
  | Blob;

const wanted =
  'a canvas, <img>, <video>, ImageData, ImageBitmap, VideoFrame, Blob or { data, width, height }';

/** Greatest number of rows and columns; sums of more pixels would be less accurate than is promised. */
const maxSide = 2 ** 16 - 1;

/** Pixels of a canvas that is kept: 8 MB. */
const keptPixels = 2 ** 21;

/** The name of a value's class, also of one of another realm. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** The bytes of a picture as a view of one's own, all read once. */
function checkPixels(what: string, given: PixelSource): Pixels {
  const { data, width, height, channels: said } = given;
  for (const [name, size] of Object.entries({ width, height })) {
    if (wholeNumber(`${what}.${name}`, size) > maxSide) {
      reject(`${what}.${name}`, 'below 65,536', size, 'number');
    }
  }
  const isBytes = ArrayBuffer.isView(data) && /^Uint8(Clamped)?Array$/.test(tagOf(data));
  if (!isBytes || isDetached(data)) {
    reject(`${what}.data`, 'a Uint8Array or Uint8ClampedArray of bytes', data);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const channels = said ?? bytes.length / (width * height);
  if ([1, 3, 4].includes(channels) && bytes.length === width * height * channels) {
    return { data: bytes, width, height, channels };
  }
  throw new ShapeError(
    `${what}: ${width} x ${height} pixels of 1, 3 or 4 bytes want data of ` +
      `${[1, 3, 4].map((each) => each * width * height).join(', ')} bytes, got ${bytes.length}` +
      (said === undefined ? '' : ` and channels ${describe(said)}`),
  );
}

/** The size of what a page can draw, when there is something to draw. */
async function drawnSize(
  what: string,
  source: CanvasImageSource,
): Promise<readonly [width: number, height: number]> {
  const { naturalWidth, videoWidth, displayWidth, readyState } = source as {
    naturalWidth?: number;
    videoWidth?: number;
    displayWidth?: number;
    readyState?: number;
  };
  if (naturalWidth !== undefined) {
    const image = source as HTMLImageElement;
    try {
      await image.decode();
    } catch (cause) {
      throw new StateError(`${what}: the image cannot be loaded: ${describe(cause)}`, { cause });
    }
    return [image.naturalWidth, image.naturalHeight];
  }
  if (videoWidth !== undefined) {
    // Its size is known before its first frame is.
    const hasFrame = readyState !== undefined && readyState >= 2;
    return hasFrame ? [videoWidth, (source as HTMLVideoElement).videoHeight] : [0, 0];
  }
  if (displayWidth !== undefined) return [displayWidth, (source as VideoFrame).displayHeight];
  const { width, height } = source as ImageBitmap;
  return [width, height];
}

/** The canvas of the last picture: a new one for each frame of a video takes half as long again. */
let last: OffscreenCanvasRenderingContext2D | undefined;

/** A canvas of a size, whose pixels are replaced by those that are drawn. */
function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D | null {
  if (last?.canvas.width === width && last.canvas.height === height) return last;
  // Read by the processor: no graphics card has to give it back.
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context) context.globalCompositeOperation = 'copy';
  last = width * height <= keptPixels ? (context ?? undefined) : undefined;
  return context;
}

/** Draws a source, and reads what was drawn. */
async function draw(what: string, source: CanvasImageSource): Promise<Pixels> {
  const [width, height] = await drawnSize(what, source);
  if (!(width > 0 && height > 0)) {
    throw new StateError(
      `${what}: there is nothing to see yet, or any more: it is ${describe(width)} x ` +
        `${describe(height)} pixels; a <video> has a frame from its event 'loadeddata' on`,
    );
  }
  const context = contextOf(width, height);
  if (context === null) {
    throw new UnsupportedError(`${what}: there is no canvas of ${width} x ${height} pixels here`);
  }
  context.drawImage(source, 0, 0, width, height);
  try {
    const { data } = context.getImageData(0, 0, width, height);
    return { data, width, height, channels: 4 };
  } catch (cause) {
    // It shows a picture that may not be read: nothing that is drawn on it may.
    last = undefined;
    throw new StateError(
      `${what}: a page may not read pictures of other origins (${describe(cause)}); load them ` +
        "with crossorigin='anonymous' from a server that allows it",
      { cause },
    );
  }
}

/** Names of the classes that a canvas draws. */
const drawn = /^(HTML(Canvas|Image|Video)Element|OffscreenCanvas|ImageBitmap|VideoFrame)$/;

/**
 * The pixels of a source.
 * @param what - What errors call it: "imageTensor: source".
 * @throws {@link ArgumentTypeError} and {@link ShapeError} for what is none, {@link FormatError} for a file
 * that is no picture, {@link StateError} for a source without one or of another origin,
 * {@link UnsupportedError} where it cannot be drawn.
 */
export async function pixelsOf(what: string, source: unknown): Promise<Pixels> {
  const tag = tagOf(source);
  const isFile = tag === 'Blob' || tag === 'File';
  if (!isFile && !drawn.test(tag)) {
    if (Object(source) !== source || !('data' in (source as object))) reject(what, wanted, source);
    return checkPixels(what, source as Pixels);
  }
  if (typeof OffscreenCanvas === 'undefined') {
    throw new UnsupportedError(
      `${what}: pictures are drawn by pages and workers; elsewhere give { data, width, height }, as ` +
        'decoders give it',
    );
  }
  if (!isFile) return draw(what, source as CanvasImageSource);
  let bitmap;
  try {
    bitmap = await createImageBitmap(source as Blob);
  } catch (cause) {
    throw new FormatError(what, `no picture that can be shown: ${describe(cause)}`, { cause });
  }
  try {
    return await draw(what, bitmap);
  } finally {
    bitmap.close();
  }
}
