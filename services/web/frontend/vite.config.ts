// Each file of src/entries is an entry: `assets.tags("name")` in a template loads it with its styles.
import { readdirSync } from "node:fs";
import { parse, resolve } from "node:path";

import { defineConfig } from "vite";

import { iconSprite } from "./plugins/icon-sprite.ts";

const here = import.meta.dirname;
const entries = readdirSync(resolve(here, "src/entries")).map((file) => [
  parse(file).name,
  resolve(here, "src/entries", file),
]);

const base = { name: "base", test: /rolldown[/\\]runtime|preload-helper|bootstrap[/\\]js[/\\]dist[/\\](base-component|dom|util[/\\](index|config|component-functions)|alert|collapse|dropdown)/, priority: 2 };
const results = { name: "results", test: /src[/\\]results[/\\](address|affected|api|cells|chips|clipboard|dom|marks|numbers|vocabulary)\.ts|src[/\\]variant[/\\]family/, priority: 1 };

export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  plugins: [iconSprite(resolve(here, "src/icons.json"))],
  css: {
    // Bootstrap 5.3 is written for Sass's older module system.
    preprocessorOptions: {
      scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"] },
    },
  },
  build: {
    outDir: process.env.GAS_FRONTEND_OUT ?? resolve(here, "../web/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy refuses data: addresses of scripts and fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: Object.fromEntries(entries),
      checks: { pluginTimings: false },
      // What several entries share goes into few files: each request costs a slow machine ten milliseconds.
      output: { codeSplitting: { groups: [base, results] } },
    },
  },
});
