import { describe, expect, it } from "vitest";
import { half, parseSafetensors } from "./safetensors";

function file(header: object, body: ArrayBuffer): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(new Uint8Array(body), 8 + json.length);
  return bytes.buffer;
}

describe("parseSafetensors", () => {
  it("reads 32-bit floats at an offset that is not a multiple of four", () => {
    const body = new Float32Array([1, -2.5, 3]).buffer;
    const header = { photo: { dtype: "F32", shape: [3], data_offsets: [0, 12] } };
    for (const pad of ["", " ", "  ", "   "]) {
      const read = parseSafetensors(file({ ...header, __metadata__: { pad } }, body));
      expect([...read.arrays.photo!.data]).toEqual([1, -2.5, 3]);
      expect(read.arrays.photo!.shape).toEqual([3]);
      expect(read.metadata).toEqual({ pad });
    }
  });

  it("reads several arrays of different types", () => {
    const body = new Uint8Array(8 + 8 + 4);
    const view = new DataView(body.buffer);
    view.setFloat64(0, 1 / 3, true);
    view.setBigInt64(8, -7n, true);
    view.setUint16(16, 0x3c00, true);
    view.setUint16(18, 0xc000, true);
    const read = parseSafetensors(
      file(
        {
          a: { dtype: "F64", shape: [], data_offsets: [0, 8] },
          b: { dtype: "I64", shape: [1], data_offsets: [8, 16] },
          c: { dtype: "F16", shape: [2], data_offsets: [16, 20] },
        },
        body.buffer,
      ),
    );
    expect(read.arrays.a!.data[0]).toBe(1 / 3);
    expect(read.arrays.b!.data[0]).toBe(-7);
    expect([...read.arrays.c!.data]).toEqual([1, -2]);
  });

  it("says what is wrong with bytes that are cut short or of an unknown type", () => {
    const header = { photo: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
    const whole = file(header, new ArrayBuffer(8));
    expect(() => parseSafetensors(whole.slice(0, 4))).toThrow("no header");
    expect(() => parseSafetensors(whole.slice(0, 20))).toThrow("header is not whole");
    expect(() => parseSafetensors(whole.slice(0, -1))).toThrow('inside the array "photo"');
    const odd = { photo: { dtype: "F8", shape: [2], data_offsets: [0, 2] } };
    expect(() => parseSafetensors(file(odd, new ArrayBuffer(2)))).toThrow("cannot read");
  });
});

describe("half", () => {
  it("covers normal, subnormal, infinite and missing values", () => {
    expect(half(0x3555)).toBeCloseTo(1 / 3, 3);
    expect(half(0x0001)).toBe(2 ** -24);
    expect(half(0xfc00)).toBe(-Infinity);
    expect(half(0x7e00)).toBeNaN();
    expect(half(0x7bff)).toBe(65504);
  });
});
