// The safetensors format: eight bytes of header length (little endian), a JSON header, then the bytes of every array.

export type Numbers = Float32Array | Float64Array;

export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export interface TensorFile {
  readonly arrays: Readonly<Record<string, NumericArray>>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

type Decoder = (view: DataView, count: number) => Numbers;

const DECODERS: Readonly<Record<string, Decoder>> = {
  F64: (view, count) =>
    Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true)),
  F32: (view, count) =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)),
  F16: (view, count) =>
    Float32Array.from({ length: count }, (_, i) => half(view.getUint16(2 * i, true))),
  I64: (view, count) =>
    Float64Array.from({ length: count }, (_, i) => Number(view.getBigInt64(8 * i, true))),
  I32: (view, count) => Float64Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true)),
};

/** The value of a 16-bit float from its bits. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Reads a whole file. Throws an Error with a sentence where the bytes are not what the header says. */
export function parseSafetensors(buffer: ArrayBuffer): TensorFile {
  const { header, start } = readHeader(buffer);
  const { __metadata__, ...entries } = header;
  const arrays: Record<string, NumericArray> = {};
  for (const [name, entry] of Object.entries(entries)) {
    arrays[name] = readArray(buffer, start, name, entry as Entry);
  }
  return { arrays, metadata: (__metadata__ ?? {}) as Record<string, string> };
}

function readHeader(buffer: ArrayBuffer): { header: Record<string, unknown>; start: number } {
  if (buffer.byteLength < 8) throw new Error("The result is cut short: it has no header.");
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (8 + length > buffer.byteLength)
    throw new Error("The result is cut short: its header is not whole.");
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  return { header: JSON.parse(text) as Record<string, unknown>, start: 8 + length };
}

function readArray(buffer: ArrayBuffer, start: number, name: string, entry: Entry): NumericArray {
  const decode = DECODERS[entry.dtype];
  if (!decode)
    throw new Error(
      `The array "${name}" has the type ${entry.dtype}, which this page cannot read.`,
    );
  const [from, to] = entry.data_offsets;
  if (start + to > buffer.byteLength)
    throw new Error(`The result is cut short inside the array "${name}".`);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  return { shape: entry.shape, data: decode(new DataView(buffer, start + from, to - from), count) };
}
