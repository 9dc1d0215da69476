/**
 * Owns the project as the rules see it: every text file by its path, and what is derived from it once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strip } from './strip.mjs';

const SKIPPED = new Set(['.git', 'node_modules', 'dist', '.build', 'coverage']);
const TEXT = /\.(ts|mjs|js|json|md|yml|yaml|txt|sh|svg)$|(^|\/)(\.npmrc|\.gitignore|LICENSE|run)$/;

/** Every text file under `folder` as a map from its path, relative and with `/`, to its text. */
export function readProject(folder) {
  const files = new Map();
  const walk = (prefix) => {
    for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile() && TEXT.test(path)) files.set(path, readFileSync(join(folder, path), 'utf8'));
    }
  };
  walk('');
  return files;
}

const stripped = new Map();

/** The code of a text without comments and literals; made once for each text. */
export function codeOf(text) {
  let code = stripped.get(text);
  if (code === undefined) {
    code = strip(text);
    stripped.set(text, code);
  }
  return code;
}

/** Production sources: what `src/` holds without tests and fuzzers. */
export function isProduction(path) {
  return path.startsWith('src/') && path.endsWith('.ts') && !/\.(test|fuzz)\.ts$/.test(path);
}

/** Layers 0-3 and `sim`: what decides and parses, without a platform. */
export function isCore(path) {
  return isProduction(path) && /^src\/(base|ports|protocol|disk|engine|sim)\//.test(path);
}

/** Every import, export-from and dynamic import with a literal in a source: `{ specifier, offset, isTypeOnly }`. */
export function importsOf(text) {
  const code = codeOf(text);
  const found = [];
  const pattern = /\b(import|export)\b([^;'"`]*?\bfrom\s*|\s*\(\s*|\s*)(['"])/g;
  for (const match of code.matchAll(pattern)) {
    const from = match.index + match[0].length;
    const to = code.indexOf(match[3], from);
    const isTypeOnly = /^\s*type\b/.test(match[2]);
    found.push({ specifier: text.slice(from, to), offset: match.index, isTypeOnly });
  }
  return found;
}
