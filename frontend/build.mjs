// Builds every frontend/<part>/index.ts and copies its style sheets into bot/static/dist.
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "bot", "static", "dist");
mkdirSync(out, { recursive: true });
const parts = readdirSync(here).filter((name) => statSync(join(here, name)).isDirectory());

for (const part of parts) {
  const entry = join(here, part, "index.ts");
  if (existsSync(entry)) {
    await build({
      entryPoints: [entry], outfile: join(out, `${part}.js`), bundle: true, minify: true, format: "esm",
      target: "es2022", legalComments: "none", logLevel: "warning",
    });
    const size = gzipSync(readFileSync(join(out, `${part}.js`))).length;
    console.log(`${part}.js: ${(size / 1024).toFixed(1)} KB gzipped`);
  }
  for (const file of readdirSync(join(here, part)).filter((name) => name.endsWith(".css") || name.endsWith(".svg"))) {
    cpSync(join(here, part, file), join(out, file));
  }
}
