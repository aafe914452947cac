/** Paths of curves and axes with round ends. */
export interface Box { x0: number; kx: number; y: (v: number) => number; from: number; until: number }

/** A pixel: what a drawn line may be away from the curve. */
const SLACK = 0.2;
const tenth = (v: number): number => Math.round(v * 10) / 10;

/**
 * Points of a curve that a straight line between its neighbours would miss by more than a fifth of a pixel, as pairs of
 * pixels; runs are parted by NaN. One pass: the cone of slopes that still hits every point since the last one kept.
 */
export function thin(x: ArrayLike<number>, y: ArrayLike<number>, box: Box): number[] {
  const out: number[] = [];
  let ax = NaN, ay = NaN, bx = NaN, by = NaN, low = -Infinity, high = Infinity;
  for (let i = 0; i < x.length; i++) {
    const t = x[i], v = y[i];
    if (v !== v || t < box.from || t > box.until) {
      if (ax === ax) {
        if (bx !== ax) out.push(bx, by);
        out.push(NaN, NaN);
        ax = NaN;
      }
      continue;
    }
    const qx = box.x0 + t * box.kx, qy = box.y(v);
    if (ax !== ax) {
      out.push(qx, qy);
      ax = bx = qx;
      ay = by = qy;
      low = -Infinity;
      high = Infinity;
      continue;
    }
    const d = qx - ax;
    if (d > 1e-6) {
      const slope = (qy - ay) / d;
      if (bx !== ax && (slope < low || slope > high)) {
        out.push(bx, by);
        ax = bx;
        ay = by;
        const e = qx - ax;
        low = e > 1e-6 ? (qy - SLACK - ay) / e : -Infinity;
        high = e > 1e-6 ? (qy + SLACK - ay) / e : Infinity;
      } else {
        low = Math.max(low, (qy - SLACK - ay) / d);
        high = Math.min(high, (qy + SLACK - ay) / d);
      }
    }
    bx = qx;
    by = qy;
  }
  if (ax === ax && bx !== ax) out.push(bx, by);
  return out;
}

export function trace(x: ArrayLike<number>, y: ArrayLike<number>, box: Box): string {
  const p = thin(x, y, box);
  let d = "", pen = false;
  for (let i = 0; i < p.length; i += 2) {
    if (p[i] !== p[i]) {
      pen = false;
      continue;
    }
    d += (pen ? "L" : "M") + tenth(p[i]) + " " + tenth(p[i + 1]);
    pen = true;
  }
  return d;
}

export function ribbon(x: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>, box: Box): string {
  const up = thin(x, b, box), back = thin(x, a, box);
  let d = "";
  for (let i = 0; i < up.length; i += 2) if (up[i] === up[i]) d += (d ? "L" : "M") + tenth(up[i]) + " " + tenth(up[i + 1]);
  for (let i = back.length - 2; i >= 0; i -= 2) if (back[i] === back[i]) d += "L" + tenth(back[i]) + " " + tenth(back[i + 1]);
  return d && d + "Z";
}

function stride(span: number, about: number): number {
  const raw = span / about, power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 2.5, 5, 10].find((x) => x * power >= raw * (1 - 1e-9)) ?? 10);
}

/** Ends of an axis that stay the same while a curve moves a little. */
export function round(low: number, high: number, about: number): [number, number] {
  const step = stride(Math.max(high - low, 1e-12), about) / 2;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step + 0.15) * step];
}

/** Round steps of an axis. */
export function ticks(low: number, high: number, about: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const step = stride(span, about);
  const out: number[] = [];
  for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + step * 1e-9; x += step) out.push(Math.abs(x) < step * 1e-9 ? 0 : Number(x.toPrecision(12)));
  return out;
}
