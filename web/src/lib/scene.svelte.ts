/** The curves of the scene in the rail and of the pinned one, asked whenever they change. */
import type { Frame } from "./frames";
import { ask } from "./link.svelte";
import { app } from "./state.svelte";

export const shown = $state({ fault: "", turn: 0, painted: 0 });
class Held {
  curves = $state.raw<Frame | null>(null);
  bands = $state.raw<Frame | null>(null);
  spectrum = $state.raw<Frame | null>(null);
  ensemble = $state.raw<Frame | null>(null);
  observed = $state.raw<Frame | null>(null);
  pinned = $state.raw<Frame | null>(null);
}
export const held = new Held();

let quiet: ReturnType<typeof setTimeout> | undefined;

export function request(): void {
  const scene = $state.snapshot(app.scene);
  ask("curves", { scene }, (f) => {
    held.curves = f;
    shown.fault = "";
    requestAnimationFrame(() => (shown.painted = performance.now()));
  }, (words) => (shown.fault = words));
  if (app.bands) ask("bands", { scene, people: 100, vary: app.vary }, (f) => (held.bands = f), () => (held.bands = null));
  else held.bands = null;
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    ask("spectrum", { scene }, (f) => (held.spectrum = f), () => (held.spectrum = null));
    ask("observed", { scene }, (f) => (held.observed = f), () => (held.observed = null));
    if (app.ensemble) ask("ensemble", { scene }, (f) => (held.ensemble = f), () => (held.ensemble = null));
    else held.ensemble = null;
  }, 120);
}

/** The pinned scene has a channel of its own. */
export function requestPinned(): void {
  const scene = $state.snapshot(app.pinned);
  if (!scene) held.pinned = null;
  else ask("curves", { scene }, (f) => (held.pinned = f), () => (held.pinned = null), "pinned");
}
