// Emits icons.svg: the Bootstrap icons that src/icons.json names, one <symbol> each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

import type { Plugin } from "vite";

const folder = resolve(dirname(createRequire(import.meta.url).resolve("bootstrap-icons/package.json")), "icons");

function symbol(name: string): string {
  const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(readFileSync(resolve(folder, `${name}.svg`), "utf8"))?.[1];
  if (body === undefined) throw new Error(`bootstrap-icons has no usable ${name}.svg`);
  return `<symbol id="${name}" viewBox="0 0 16 16">${body.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
}

/** The plugin; ``list`` is the path of a JSON array of icon names. */
export function iconSprite(list: string): Plugin {
  return {
    name: "icon-sprite",
    buildStart() {
      this.addWatchFile(list);
    },
    generateBundle() {
      const names = JSON.parse(readFileSync(list, "utf8")) as string[];
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "icons.svg", source });
    },
  };
}
