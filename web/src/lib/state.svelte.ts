/** Everything the page shows is one state: it lives in the address, can be undone, pinned and copied. */
export interface Scene {
  patient: Record<string, any>;
  regimen: string;
  until_h: number;
  model: string;
  seed: number;
  settings: Record<string, number>;
  options: Record<string, any>;
}
export type Place = "explore" | "session" | "weeks" | "population" | "evidence" | "learn";
export const PLACES: { id: Place; name: string }[] = [
  { id: "explore", name: "Explore" },
  { id: "session", name: "Session" },
  { id: "weeks", name: "Weeks" },
  { id: "population", name: "Population" },
  { id: "evidence", name: "Evidence" },
  { id: "learn", name: "Learn" },
];
export interface Act { at_min: number; do: string; rate?: number; drug?: string; mg?: number }

export function fresh() {
  return {
    place: "explore" as Place,
    scene: { patient: {}, regimen: "0.5 mg/kg iv over 40 min", until_h: 4, model: "ketamine", seed: 0, settings: {}, options: {} } as Scene,
    pinned: null as Scene | null,
    molar: false,
    minutes: true,
    bands: true,
    ensemble: false,
    vary: "between" as "between" | "doubt" | "both",
    days: 56,
    hypotheses: ["disinhibition"] as string[],
    tablet: false,
    keep: "",
    actions: [] as Act[],
    auto: true,
    protocol: "iv_depression",
    follow: 0,
    story: 0,
    speed: 10,
  };
}

export const app = $state(fresh());
/** The time cursor, shared by all panels (hours); it is in the address but is no step of undo. */
export const view = $state({ t: 2 / 3, dark: "auto" as "auto" | "light" | "dark" });

const DEFAULT = JSON.stringify(fresh());
let past: string[] = [];
let future: string[] = [];
let present = DEFAULT;
export const steps = $state({ back: 0, on: 0 });

export const snapshot = (): string => JSON.stringify($state.snapshot(app));

/** Called when something changed and has come to rest. */
export function settle(): void {
  const now = snapshot();
  if (now !== present) {
    past.push(present);
    past = past.slice(-100);
    future = [];
    present = now;
    count();
  }
  write();
}

function count(): void {
  steps.back = past.length;
  steps.on = future.length;
}

function restore(text: string): void {
  present = text;
  Object.assign(app, JSON.parse(text));
  count();
  write();
}

export function undo(): void {
  const before = past.pop();
  if (before === undefined) return;
  future.push(present);
  restore(before);
}

export function redo(): void {
  const after = future.pop();
  if (after === undefined) return;
  past.push(present);
  restore(after);
}

/** The address: the place, what differs from the defaults, and the cursor. */
export function address(): string {
  const now = JSON.parse(snapshot());
  const base = JSON.parse(DEFAULT);
  const said = new URLSearchParams();
  const scene = now.scene;
  for (const key of Object.keys(scene)) {
    const text = typeof scene[key] === "object" ? JSON.stringify(scene[key]) : String(scene[key]);
    const usual = typeof scene[key] === "object" ? "{}" : String(base.scene[key]);
    if (text !== usual) said.set(key === "regimen" ? "dose" : key, text);
  }
  for (const key of Object.keys(base)) {
    if (key === "scene" || key === "place") continue;
    if (JSON.stringify(now[key]) !== JSON.stringify(base[key])) said.set(key, JSON.stringify(now[key]));
  }
  if (Math.abs(view.t - 2 / 3) > 1e-6) said.set("t", view.t.toFixed(4));
  const text = said.toString();
  return `#${now.place}${text ? "?" + text : ""}`;
}

export function write(): void {
  const text = address();
  if (location.hash !== text) history.replaceState(null, "", text);
}

/** Read an address; anything that cannot be read is left at its default. */
export function read(hash: string): void {
  const [place, query] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const base: any = fresh();
  if (PLACES.some((p) => p.id === place)) base.place = place;
  for (const [key, text] of new URLSearchParams(query ?? "")) {
    try {
      if (key === "t") view.t = Math.max(0, Number(text) || 0);
      else if (key === "dose") base.scene.regimen = text.slice(0, 400);
      else if (key in base.scene) {
        const usual = base.scene[key];
        if (typeof usual === "object") {
          const value = JSON.parse(text);
          if (value && typeof value === "object" && !Array.isArray(value)) base.scene[key] = value;
        } else if (typeof usual === "number") {
          if (Number.isFinite(Number(text))) base.scene[key] = Number(text);
        } else base.scene[key] = text.slice(0, 40);
      } else if (key in base && key !== "scene" && key !== "place") {
        const value = JSON.parse(text);
        const usual = base[key];
        if (usual === null || (typeof value === typeof usual && Array.isArray(value) === Array.isArray(usual))) base[key] = value;
      }
    } catch {
      /* an address somebody shortened: the rest still counts */
    }
  }
  Object.assign(app, base);
  present = snapshot();
  past = [];
  future = [];
  count();
}
