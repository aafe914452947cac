/** Binary frames of the server: a JSON header, then arrays. */
export interface Frame {
  head: any;
  get(name: string): Float32Array | Float64Array;
  /** Row `i` of an array along its first axis (or of its first two, with `j`). */
  row(name: string, i: number, j?: number): Float32Array | Float64Array;
}

const MARK = 0x4b455431;

export function decode(buffer: ArrayBuffer): Frame {
  const view = new DataView(buffer);
  const size = view.getUint32(0, true);
  if (view.getUint32(4, true) !== MARK) throw new Error("not a frame of this server");
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const arrays = new Map<string, { data: Float32Array | Float64Array; shape: number[] }>();
  for (const a of head.arrays) {
    const length = a.shape.reduce((x: number, y: number) => x * y, 1);
    const data = a.dtype === "f8" ? new Float64Array(buffer, 8 + size + a.at, length) : new Float32Array(buffer, 8 + size + a.at, length);
    arrays.set(a.name, { data, shape: a.shape });
  }
  const get = (name: string) => arrays.get(name)?.data ?? new Float32Array();
  return {
    head,
    get,
    row(name, i, j) {
      const found = arrays.get(name);
      if (!found) return new Float32Array();
      const tail = found.shape.slice(j === undefined ? 1 : 2).reduce((x, y) => x * y, 1);
      const at = (j === undefined ? i : i * found.shape[1] + j) * tail;
      return found.data.subarray(at, at + tail);
    },
  };
}
