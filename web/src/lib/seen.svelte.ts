/** Which charts can be seen: those are drawn at once, the others when nothing has changed for a moment. */
export const calm = $state({ turn: 0 });
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Something new was drawn; what cannot be seen follows when it is quiet. */
export function stirred(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => (calm.turn += 1), 160);
}

const tell = new WeakMap<Element, (yes: boolean) => void>();
const eye = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver((entries) => {
  for (const e of entries) tell.get(e.target)?.(e.isIntersecting);
}, { rootMargin: "120px" });

/** Call back with whether an element is in or near the window; returns the function that ends it. */
export function watch(element: Element, call: (yes: boolean) => void): () => void {
  tell.set(element, call);
  eye?.observe(element);
  return () => eye?.unobserve(element);
}
addEventListener("beforeprint", () => (calm.turn += 1));
