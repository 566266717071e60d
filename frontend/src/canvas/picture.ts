// Pictures as the server sends them: loaded once, with their pixels for the read-out.

export interface Picture {
  readonly image: HTMLImageElement | HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
}

const KEPT = 64;
const loading = new Map<string, Promise<Picture>>();

/** The picture at an address. Kept, since people step back and forth between the same examples. */
export function loadPicture(url: string): Promise<Picture> {
  const known = loading.get(url);
  if (known) return known;
  const picture = decode(url);
  loading.set(url, picture);
  picture.catch(() => loading.delete(url));
  const oldest = loading.keys().next();
  if (loading.size > KEPT && !oldest.done) loading.delete(oldest.value);
  return picture;
}

async function decode(url: string): Promise<Picture> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { image, width: image.naturalWidth, height: image.naturalHeight };
}

/** The colours of one pixel, 0..255, of the picture at its own size. */
export function colourAt({ image }: Picture, x: number, y: number): number[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return [];
  context.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
