/**
 * Owns the tables of docs/limits.md: every limit of the sources with its value and its reason, read from the sources, so
 * that the document cannot say something else.
 *
 * A limit is a module-level constant with a numeric value that either is exported from a file `limits.ts` or
 * `…-limits.ts`, or has a name that says so (MAX, MIN, TIMEOUT, LONGEST, …).
 */
import { isProduction } from './project.mjs';

const DECLARATION =
  /(?:\/\*\*([^*]*(?:\*(?!\/)[^*]*)*)\*\/\n)?^(export )?const ([A-Z][A-Z0-9_]*)(?:: number)? = ([^;]+);/gm;
const LIMIT_NAME = /(^|_)(MAX|MIN|LONGEST|SHORTEST|LEAST|TIMEOUT|LIFE)(_|$)/;
const CODE_FOLDERS = ['base', 'ports', 'protocol', 'engine', 'disk', 'store', 'node', 'client', 'cli', 'tui'];

/** Markdown: a heading and a table for each layer. `files` maps paths to texts. */
export function limitsTables(files) {
  const constants = [...files]
    .filter(([path]) => isProduction(path))
    .flatMap(([path, text]) => limitsOf(path, text));
  return CODE_FOLDERS.map((folder) => table(folder, constants))
    .filter((text) => text !== '')
    .join('\n');
}

function table(folder, constants) {
  const rows = constants
    .filter(({ path }) => path.startsWith(`src/${folder}/`))
    .sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1))
    .map(({ path, name, value, reason }) => `| ${value} | ${reason} | [\`${name}\`](../${path}) |`);
  if (rows.length === 0) return '';
  return `## \`${folder}\`\n\n| limit | of what, and why | where |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function limitsOf(path, text) {
  const isLimitsFile = /(^|[/-])limits\.ts$/.test(path);
  return [...text.matchAll(DECLARATION)]
    .map(([, comment, exported, name, source]) => ({ comment, exported, name, value: evaluate(source) }))
    .filter(
      ({ exported, name, value }) => value !== null && ((isLimitsFile && exported) || LIMIT_NAME.test(name)),
    )
    .map(({ comment, name, value }) => ({ path, name, value: format(name, value), reason: reason(comment) }));
}

/** The number that a constant expression means, or null when it is none. */
function evaluate(source) {
  if (!/^(?:[\d_.\s*/+()-]|<<|Number\.MAX_SAFE_INTEGER|(?<=\d)e(?=\d))+$/.test(source)) return null;
  return Number(new Function(`return ${source}`)());
}

function format(name, value) {
  if (/_MS$/.test(name)) return duration(value);
  if (/_SECONDS$|_PER_SECOND$/.test(name))
    return /PER/.test(name) ? `${thousands(value)}/s` : duration(value * 1000);
  if (/BYTES|LENGTH/.test(name) && !/DIGITS/.test(name)) return bytes(value);
  return thousands(value);
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${ms / 1000} s`;
  if (ms < 7_200_000) return `${ms / 60_000} min`;
  return ms < 172_800_000 ? `${ms / 3_600_000} h` : `${ms / 86_400_000} days`;
}

function bytes(value) {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ]) {
    if (value >= size && value % size === 0 && value / size < 2 ** 20)
      return `${thousands(value / size)} ${unit}`;
  }
  return `${thousands(value)} B`;
}

function thousands(value) {
  return Number.isInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(value);
}

/** The comment above a constant as one line of a table. */
function reason(comment) {
  const text = (comment ?? '')
    .replace(/^\s*\*\s?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return (
    text
      .replace(/\{@link ([\w.]+)\}/g, '`$1`')
      .replaceAll('|', '\\|')
      .replace(/\.$/, '') || '–'
  );
}
