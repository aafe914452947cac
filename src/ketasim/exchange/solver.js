// Solver: Rodas5P (Steinebach 2023) with dense output, restarted at every edge. Edges: [time, kind, target, value],
// kind bolus | rate | jump | reset | set | parameter, as in ketasim.core.schedule.

function factor(m, n, pivot) {
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i * n + k]) > Math.abs(m[best * n + k])) best = i;
    pivot[k] = best;
    if (best !== k) for (let j = 0; j < n; j++) [m[k * n + j], m[best * n + j]] = [m[best * n + j], m[k * n + j]];
    const d = 1 / m[k * n + k];
    for (let i = k + 1; i < n; i++) {
      const f = m[i * n + k] * d;
      if (f === 0) continue;
      m[i * n + k] = f;
      for (let j = k + 1; j < n; j++) m[i * n + j] -= f * m[k * n + j];
    }
  }
}

function substitute(m, n, pivot, b) {
  for (let k = 0; k < n; k++) if (pivot[k] !== k) [b[k], b[pivot[k]]] = [b[pivot[k]], b[k]];
  for (let i = 1; i < n; i++) { let s = b[i]; for (let j = 0; j < i; j++) s -= m[i * n + j] * b[j]; b[i] = s; }
  for (let i = n - 1; i >= 0; i--) {
    let s = b[i];
    for (let j = i + 1; j < n; j++) s -= m[i * n + j] * b[j];
    b[i] = s / m[i * n + i];
  }
}

function leg(t0, t1, y, p, force, rtol, atol, visit) {
  const n = y.length, { gamma, a, c, h: H, nodes, slope } = method, S = nodes.length;
  const m = new Float64Array(n * n), pivot = new Int32Array(n), J = new Float64Array(pattern.length);
  const u = Array.from({ length: S }, () => new Float64Array(n)), f = new Float64Array(n), dt = new Float64Array(n);
  const g = new Float64Array(n), end = new Float64Array(n);
  const slopeAt = (t, z) => { rhs(t, z, p, f); for (let i = 0; i < n; i++) f[i] += force[i]; };
  let t = t0, h = Math.min(t1 - t0, 1e-4), last = 1, tries = 0;
  while (t < t1) {
    if (++tries > 1e6) throw new Error(`too many steps at ${t} h`);
    const final = t + h * (1 + 1e-12) >= t1;
    if (final) h = t1 - t;
    jacobian(t, y, p, J); timeSlope(t, y, p, dt);
    m.fill(0);
    pattern.forEach(([i, j], k) => { m[i * n + j] = -J[k]; });
    for (let i = 0; i < n; i++) m[i * n + i] += 1 / (h * gamma);
    factor(m, n, pivot);
    for (let s = 0; s < S; s++) {
      for (let i = 0; i < n; i++) { let v = y[i]; for (let q = 0; q < s; q++) v += (a[s][q] || 0) * u[q][i]; g[i] = v; }
      slopeAt(t + nodes[s] * h, g);
      for (let i = 0; i < n; i++) {
        let v = f[i] + h * slope[s] * dt[i];
        for (let q = 0; q < s; q++) v += c[s][q] / h * u[q][i];
        u[s][i] = v;
      }
      substitute(m, n, pivot, u[s]);
    }
    let error = 0;
    for (let i = 0; i < n; i++) {
      end[i] = g[i] + u[S - 1][i];
      const e = u[S - 1][i] / (atol + rtol * Math.max(Math.abs(y[i]), Math.abs(end[i])));
      error += e * e;
    }
    error = n ? Math.sqrt(error / n) : 0;
    if (!(error <= 1)) {
      h *= Number.isFinite(error) ? Math.max(0.2, 0.9 * error ** -0.2) : 0.1;
      last = 1;
      if (h < 1e-14 * Math.max(1, Math.abs(t))) throw new Error(`the step became too small at ${t} h`);
      continue;
    }
    const from = t, size = h;
    visit(from, final ? t1 : t + h, (when, z) => {
      const x = (when - from) / size;
      for (let i = 0; i < n; i++) {
        const D = [0, 0, 0];
        for (let s = 0; s < S; s++) for (let q = 0; q < 3; q++) D[q] += H[q][s] * u[s][i];
        z[i] = (1 - x) * y[i] + x * (end[i] + (1 - x) * (D[0] + x * (D[1] + x * D[2])));
      }
      return z;
    });
    y.set(end);
    t = final ? t1 : t + h;
    h *= Math.min(last < 1 ? 5 : 1.5, 0.9 * Math.max(error, 1e-8) ** -0.2);
    last = error;
  }
}

// Values of every output: {time_h, values: {output: Float64Array}, state}. `p` and `edges` default to what was exported.
export function simulate({ times, p = typical(), edges = given, rtol = 1e-6, atol = 1e-9 }) {
  p = Float64Array.from(p);
  const n = states.length, y = initial(0, new Float64Array(n), p, new Float64Array(n));
  const rate = new Float64Array(channels.length), force = new Float64Array(n), z = new Float64Array(n);
  const row = new Float64Array(outputs.length), table = outputs.map(() => new Float64Array(times.length).fill(NaN));
  const order = [...edges].sort((a, b) => a[0] - b[0]), stop = times.length ? times[times.length - 1] : 0;
  const put = (k, when, state) => { read(when, state, p, row); row.forEach((v, o) => { table[o][k] = v; }); };
  let now = 0, e = 0, k = 0;
  const apply = ([, kind, target, value]) => {
    if (kind === "bolus") y[target] += value;
    else if (kind === "rate") { rate[target] += value; if (Math.abs(rate[target]) < 1e-12 * Math.abs(value)) rate[target] = 0; }
    else if (kind === "jump") y.set(jumps[target](now, y, p, new Float64Array(n)));
    else if (kind === "reset") { rate.fill(0); initial(now, y, p, y); }
    else if (kind === "set") y[target] = value;
    else if (kind === "parameter") p[target] = value;
    else throw new Error(`unknown kind of edge: ${kind}`);
  };
  for (;;) {
    while (e < order.length && order[e][0] <= now) apply(order[e++]);
    while (k < times.length && times[k] <= now) put(k, times[k++], y);
    if (now >= stop) break;
    const next = Math.min(stop, e < order.length ? order[e][0] : stop);
    force.fill(0);
    channels.forEach((s, i) => { force[s] += rate[i]; });
    leg(now, next, y, p, force, rtol, atol, (a, b, at) => {
      while (k < times.length && times[k] <= b && times[k] < next) put(k, times[k], at(times[k++], z));
    });
    now = next;
  }
  return { time_h: Float64Array.from(times), values: Object.fromEntries(outputs.map((o, i) => [o.name, table[i]])), state: y };
}
