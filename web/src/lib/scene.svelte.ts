/** The curves of the scene in the rail and of the pinned one, asked whenever they change. */
import type { Frame } from "./frames";
import { ask } from "./link.svelte";
import { stirred } from "./seen.svelte";
import { app } from "./state.svelte";

export const shown = $state({ fault: "" });
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

/** First the curves of this person; what is dearer is asked once they are here, so that nothing slows them. */
export function request(): void {
  const scene = $state.snapshot(app.scene);
  const more = { bands: app.bands, vary: app.vary, ensemble: app.ensemble };
  clearTimeout(quiet);
  ask("curves", { scene }, (f) => {
    held.curves = f;
    shown.fault = "";
    stirred();
    if (more.bands) ask("bands", { scene, people: 100, vary: more.vary }, (b) => { held.bands = b; stirred(); }, () => (held.bands = null));
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      ask("spectrum", { scene }, (s) => (held.spectrum = s), () => (held.spectrum = null));
      ask("observed", { scene }, (o) => (held.observed = o), () => (held.observed = null));
      if (more.ensemble) ask("ensemble", { scene }, (e) => (held.ensemble = e), () => (held.ensemble = null));
    }, 200);
  }, (words) => (shown.fault = words));
  if (!more.bands) held.bands = null;
  if (!more.ensemble) held.ensemble = null;
}

/** The pinned scene has a channel of its own. */
export function requestPinned(): void {
  const scene = $state.snapshot(app.pinned);
  if (!scene) held.pinned = null;
  else ask("curves", { scene }, (f) => (held.pinned = f), () => (held.pinned = null), "pinned");
}
