/** One WebSocket. Of each kind one question is on its way; while it is, only the newest next one is kept. */
import { decode, type Frame } from "./frames";

type Take = (frame: Frame) => void;
interface Channel { kind: string; busy: number; next: any; last: any; take: Take; fail: (words: string) => void; sent: number }

export const link = $state({ open: false, tried: 0, ms: 0 });
const channels = new Map<string, Channel>();
const jobs = new Map<number, (change: any) => void>();
let socket: WebSocket | undefined;
let number = 1;

export function connect(): void {
  const address = new URL("ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    link.open = true;
    link.tried = 0;
    for (const c of channels.values()) {
      c.busy = 0;
      c.next ??= c.last;
    }
    for (const name of channels.keys()) flush(name);
  };
  socket.onclose = () => {
    link.open = false;
    link.tried += 1;
    for (const [, tell] of jobs) tell({ state: "failed", words: "the server is gone" });
    jobs.clear();
    setTimeout(connect, Math.min(400 * 1.6 ** Math.min(link.tried, 8), 8000));
  };
  socket.onmessage = (event) => {
    if (typeof event.data === "string") words(JSON.parse(event.data));
    else {
      const frame = decode(event.data);
      const found = [...channels].find(([, c]) => c.busy === frame.head.id);
      if (!found) return;
      const [name, c] = found;
      if (name === "curves") link.ms = performance.now() - c.sent;
      c.busy = 0;
      c.take(frame);
      flush(name);
    }
  };
}

function words(m: any): void {
  if (m.type === "job") {
    jobs.get(m.id)?.(m);
    if (["done", "failed", "cancelled"].includes(m.state)) jobs.delete(m.id);
  } else if (m.type === "error" && m.kind === "job") {
    jobs.get(m.id)?.({ state: "failed", words: m.words });
    jobs.delete(m.id);
  } else if (m.type === "error" || m.type === "dropped") {
    const found = [...channels].find(([, c]) => c.busy && (m.id === null || c.busy === m.id));
    if (!found) return;
    const [name, c] = found;
    c.busy = 0;
    if (m.type === "error") c.fail(m.words);
    else c.next ??= c.last;
    flush(name);
  }
}

function flush(name: string): void {
  const c = channels.get(name);
  if (!c || c.busy || c.next === undefined || socket?.readyState !== WebSocket.OPEN) return;
  c.busy = number++;
  c.sent = performance.now();
  c.last = c.next;
  c.next = undefined;
  socket.send(JSON.stringify({ type: c.kind, id: c.busy, ...c.last }));
}

/** Ask; the newest question of a kind wins. */
export function ask(kind: string, question: any, take: Take, fail: (words: string) => void = () => {}, channel = kind): void {
  const c = channels.get(channel);
  if (c) Object.assign(c, { next: question, take, fail });
  else channels.set(channel, { kind, busy: 0, next: question, last: undefined, take, fail, sent: 0 });
  flush(channel);
}

/** Start long work; returns the function that cancels it. */
export function job(work: any, tell: (change: any) => void): () => void {
  const id = number++;
  let name = "";
  jobs.set(id, (change) => {
    name = change.job ?? name;
    tell(change);
  });
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "job.start", id, work }));
  else tell({ state: "failed", words: "the server is gone" });
  return () => name && socket?.send(JSON.stringify({ type: "job.cancel", id: number++, job: name }));
}
