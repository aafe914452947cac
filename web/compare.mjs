// The committed bundle must be what the sources give, byte for byte. `npm run build` writes the bundle; this compares
// each file with the digests in bundle.sha256 (written by `npm run record` when the sources change on purpose).
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const folder = new URL("../src/ketasim/server/static", import.meta.url).pathname;
const list = new URL("bundle.sha256", import.meta.url).pathname;
const files = (place) => readdirSync(place, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(place, e.name)) : [join(place, e.name)]));
const now = files(folder).map((f) => `${createHash("sha256").update(readFileSync(f)).digest("hex")}  ${relative(folder, f)}`).sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));

if (process.argv[2] === "record") {
  writeFileSync(list, now.join("\n") + "\n");
  console.log(`${now.length} files recorded`);
} else {
  const then = readFileSync(list, "utf8").trim().split("\n");
  const changed = [...now.filter((x) => !then.includes(x)), ...then.filter((x) => !now.includes(x))];
  if (changed.length) {
    console.error("the bundle is not what was committed:\n" + changed.join("\n"));
    process.exit(1);
  }
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const first = ["index.html", ...[...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((m) => m[1])];
  const bytes = first.reduce((sum, f) => sum + gzipSync(readFileSync(join(folder, f)), { level: 9 }).length, 0);
  console.log(`bundle unchanged, first load ${(bytes / 1000).toFixed(1)} kB compressed`);
  if (bytes > 150_000) {
    console.error("first load above 150 kB");
    process.exit(1);
  }
}
