// Pictures as the server sends them: loaded once, with their pixels for the read-out.

export interface Picture {
  readonly image: HTMLImageElement | HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
}

const KEPT = 64;
const loading = new Map<string, Promise<Picture>>();
const onTheWay = new Map<string, HTMLImageElement>();
const gone = new Set<string>();

/** The picture at an address. Kept, since people step back and forth between the same examples. */
export function loadPicture(url: string): Promise<Picture> {
  const known = loading.get(url);
  if (known) return known;
  if (isGone(url)) return Promise.reject(new Error("The example was removed."));
  const picture = decode(url);
  loading.set(url, picture);
  picture.catch(() => loading.delete(url));
  const oldest = loading.keys().next();
  if (loading.size > KEPT && !oldest.done) loading.delete(oldest.value);
  return picture;
}

/**
 * Stops loading what lies under `path`, and asks for none of it again: it is being removed.
 * Returns what takes that back.
 */
export function leavePictures(path: string): () => void {
  gone.add(path);
  for (const url of [...loading.keys()]) if (isGone(url)) loading.delete(url);
  for (const [url, image] of onTheWay) if (isGone(url)) image.src = "";
  return () => gone.delete(path);
}

function isGone(url: string): boolean {
  return [...gone].some((path) => url.includes(path));
}

async function decode(url: string): Promise<Picture> {
  const image = new Image();
  image.src = url;
  onTheWay.set(url, image);
  try {
    await image.decode();
  } finally {
    onTheWay.delete(url);
  }
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
