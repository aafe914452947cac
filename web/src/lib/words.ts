/** Numbers, units, colours and the regimen sentence as the page says them. */
import type { Scene } from "./state.svelte";

export const MASS: Record<string, number> = { ketamine: 237.73, norketamine: 223.7, HNK: 239.7 };

export function show(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(1).replace("e", " × 10^").replace("+", "");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(Math.max(0, digits - 2));
  if (size >= 1) return value.toFixed(Math.max(0, digits - 1));
  return String(Number(value.toPrecision(Math.max(1, digits - 1))));
}

/** Factor and unit of an output under the chosen units. */
export function scale(output: string, unit: string, molar: boolean): { factor: number; unit: string } {
  if (unit === "fraction") return { factor: 100, unit: "%" };
  if (unit === "ng/mL" && molar) {
    const mass = MASS[output.split(".")[0].replace(/^[SR]_/, "")];
    if (mass) return { factor: 1 / mass, unit: "µmol/L" };
  }
  if (unit === "umol/L") {
    const mass = MASS[output.split(".")[0].replace(/^[SR]_/, "")];
    return molar || !mass ? { factor: 1, unit: "µmol/L" } : { factor: mass, unit: "ng/mL" };
  }
  return { factor: 1, unit: unit.replace("mmHg*min/L", "mmHg·min/L") };
}

/** Okabe–Ito, in an order that also differs in lightness, each with a dash of its own. */
export const COLOURS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)"];
export const DASHES = ["", "18 3", "18 3 4 3", "18 3 4 3 4 3", "26 3", "18 2 2 2", "12 2"];
/** Assumed or extrapolated lines are broken into short pieces. */
export const ASSUMED = ["4 3", "4 3 1 3", "2 2", "6 2 2 2", "3 2", "1 3", "5 4"];

export interface Simple { drug: string; amount: number; per: "mg/kg" | "mg"; route: string; minutes: number; often: number; weeks: number }
const FORM = /^(?:(ketamine|esketamine|arketamine) )?(\d+(?:\.\d+)?) (mg\/kg|mg) (iv|im|sc|intranasal|oral|sublingual|buccal|rectal|inhaled)(?: over (\d+(?:\.\d+)?) min)?(?:, (\d+)\/week for (\d+) weeks?)?$/;

/** The parts of a simple sentence, or null for one that sliders cannot hold. */
export function parse(sentence: string): Simple | null {
  const m = FORM.exec(sentence.trim());
  if (!m) return null;
  return { drug: m[1] ?? "ketamine", amount: Number(m[2]), per: m[3] as Simple["per"], route: m[4], minutes: Number(m[5] ?? 0), often: Number(m[6] ?? 0), weeks: Number(m[7] ?? 0) };
}

export function say(s: Simple): string {
  const takesTime = ["iv", "sc", "inhaled"].includes(s.route);
  let out = `${s.drug === "ketamine" ? "" : s.drug + " "}${Number(s.amount.toPrecision(4))} ${s.per} ${s.route}`;
  if (takesTime && s.minutes > 0) out += ` over ${Number(s.minutes.toPrecision(4))} min`;
  if (s.often && s.weeks) out += `, ${s.often}/week for ${s.weeks} weeks`;
  return out;
}

/** The dose of one session by the rail, where it is of the protocol's kind (pump or not); null: the protocol's own. */
export function oneSession(regimen: string, protocol: string): string | null {
  const own = parse(regimen), pumped = (parse(protocol)?.route ?? "iv") === "iv";
  if (own) return (own.route === "iv") === pumped ? say({ ...own, often: 0, weeks: 0 }) : null;
  return pumped && /^tci [^,;]*$/.test(regimen.trim()) && !/ (then|also) /.test(regimen) ? regimen.trim() : null;
}

const quote = (x: unknown): string => (typeof x === "string" ? JSON.stringify(x) : x === true ? "True" : x === false ? "False" : Array.isArray(x) ? `(${x.map(quote).join(", ")},)` : String(x));

export function asPython(scene: Scene): string {
  const fields = Object.entries(scene.patient).map(([k, v]) => `${k}=${quote(v)}`).join(", ");
  const more = [
    scene.model !== "ketamine" ? `    model=${quote(scene.model)},` : "",
    Object.keys(scene.settings).length ? `    settings={${Object.entries(scene.settings).map(([k, v]) => `${quote(k)}: ${v}`).join(", ")}},` : "",
    Object.keys(scene.options).length ? `    options={${Object.entries(scene.options).map(([k, v]) => `${quote(k)}: ${quote(v)}`).join(", ")}},` : "",
  ].filter(Boolean);
  return ["import ketasim as ks", "", "result = ks.simulate(", `    patient=ks.Patient(${fields}),`, `    regimen=${quote(scene.regimen)},`, ...more, `    until=${scene.until_h},`, `    seed=${scene.seed},`, ")", 'result["ketamine.venous"]'].join("\n");
}

export function asCommand(scene: Scene): string {
  const named: Record<string, string> = { weight_kg: "--weight", height_cm: "--height", age_y: "--age", sex: "--sex" };
  const safe = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = ["ketasim simulate", `--dose ${safe(scene.regimen)}`];
  for (const [k, v] of Object.entries(scene.patient)) parts.push(named[k] ? `${named[k]} ${v}` : `--patient ${safe(`${k}=${Array.isArray(v) ? v.join(",") : v}`)}`);
  if (scene.model !== "ketamine") parts.push(`--model ${scene.model}`);
  for (const [k, v] of Object.entries(scene.options)) parts.push(`--option ${k}=${v}`);
  parts.push(`--until ${scene.until_h}h`, `--seed ${scene.seed}`);
  return parts.join(" ");
}

/** Value at a time by straight lines. */
export function at(x: ArrayLike<number>, y: ArrayLike<number>, t: number): number {
  const n = x.length;
  if (!n) return NaN;
  if (t <= x[0]) return y[0];
  if (t >= x[n - 1]) return y[n - 1];
  let low = 0, high = n - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= t) low = middle;
    else high = middle;
  }
  return y[low] + ((y[high] - y[low]) * (t - x[low])) / (x[high] - x[low]);
}

export function save(name: string, body: BlobPart, kind: string): void {
  const url = URL.createObjectURL(new Blob([body], { type: kind }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const copy = (text: string): Promise<void> => navigator.clipboard.writeText(text);
