import { defineConfig } from "vite";
import { svelte } from "@sveltejs/vite-plugin-svelte";

// The bundle is committed in the Python package; nothing in it may depend on the time or the machine of the build.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { discloseVersion: false } })],
  base: "./",
  build: {
    outDir: process.env.KETASIM_OUT ?? "../src/ketasim/server/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 300,
  },
});
