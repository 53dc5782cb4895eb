import { type ImageSource, imageTensor } from 'lamella/images';

/** Rows and columns of a picture as the network sees it. */
export const pictureSide = 64;
/** Red, green and blue planes, one after another. */
export const pictureShape = [3, pictureSide, pictureSide];

const plane = pictureSide * pictureSide;

/** The middle of a picture as bytes, 3 x 64 x 64: a quarter of the memory that floats would take. */
export type Picture = Uint8ClampedArray<ArrayBuffer>;

/**
 * Takes a picture from a camera's video or a file.
 * @throws Error of lamella, when there is nothing to see.
 */
export async function takePicture(source: ImageSource): Promise<Picture> {
  const seen = await imageTensor(source, { size: pictureSide, crop: 'center', scale: 1 });
  // The kind of array rounds.
  const picture = new Uint8ClampedArray(seen.view());
  seen.dispose();
  return picture;
}

/** A canvas that shows a picture. */
export function paintPicture(canvas: HTMLCanvasElement, picture: Picture): void {
  canvas.width = canvas.height = pictureSide;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(pictureSide, pictureSide);
  image.data.fill(255);
  picture.forEach((byte, i) => (image.data[4 * (i % plane) + Math.floor(i / plane)] = byte));
  context.putImageData(image, 0, 0);
}
