/**
 * Rule: the table of layers (docs/architecture.md). Who may import whom, where libraries and Node may be named, and that a
 * relative import names the file that it means.
 */
import { importsOf, isProduction } from './support/project.mjs';
import { lineAt } from './support/strip.mjs';

const CODECS = ['base', 'ports', 'protocol/bencode'];
const LAYERS_0_TO_3 = ['base', 'ports', 'protocol', 'disk', 'store', 'engine'];

/** Folder of `src/` → folders (or single files) that its production sources may import, besides itself. */
const MAY_IMPORT = new Map([
  ['base', []],
  ['ports', ['base']],
  ['protocol/bencode', ['base']],
  ['protocol/metainfo', CODECS],
  ['protocol/wire', CODECS],
  ['protocol/extension', [...CODECS, 'protocol/wire']],
  ['protocol/mse', CODECS],
  ['protocol/tracker', CODECS],
  ['protocol/dht', CODECS],
  ['protocol/utp', CODECS],
  ['protocol/lsd', CODECS],
  ['disk', ['base', 'ports', 'protocol/metainfo']],
  ['store', ['base', 'ports']],
  ['engine', ['base', 'ports', 'protocol']],
  ['sim', LAYERS_0_TO_3],
  ['node', LAYERS_0_TO_3],
  ['client', [...LAYERS_0_TO_3, 'node']],
  ['cli', ['base', 'protocol/metainfo', 'tui/open-tui.ts', ...clientDoors()]],
  ['tui', ['base', 'protocol/metainfo', ...cliWords(), ...clientDoors()]],
]);

/** Folders that may name Node and libraries. */
const PLATFORM_FOLDERS = new Set(['node', 'client', 'cli', 'tui']);

/** The public files of layer 5. The first is the library's entry; the others are what the command needs without it. */
function clientDoors() {
  return ['client/index.ts', 'client/api.ts', 'client/client-error.ts', 'client/version.ts'];
}

/** What both user interfaces say and how: the same words for the same thing. */
function cliWords() {
  return ['cli/format.ts', 'cli/output.ts', 'cli/sentences.ts', 'cli/terminal-text.ts'];
}

export const rule = {
  name: 'import table',
  kind: 'file',
  applies: isProduction,
  check(path, text) {
    const folder = folderOf(path);
    if (folder === null) return [{ line: 1, message: `src/ has no layer for ${path}` }];
    return importsOf(text).flatMap(({ specifier, offset }) => {
      const message = complaint(path, folder, specifier);
      return message === null ? [] : [{ line: lineAt(text, offset), message }];
    });
  },
  plants: [
    plant('base', "import type { Log } from '../ports/log.ts';", /base must not import ports/),
    plant('ports', "export { BLOCK_LENGTH } from '../engine/api.ts';", /ports must not import engine/),
    plant('protocol/bencode', "import '../../ports/log.ts';", /must not import ports/),
    plant('protocol/wire', "import { a } from '../tracker/a.ts';", /must not import protocol\/tracker/),
    plant('disk', "import type { Engine } from '../engine/api.ts';", /disk must not import engine/),
    plant('engine', "import { DiskCore } from '../disk/disk-core.ts';", /engine must not import disk/),
    plant('engine', "import { a } from '../sim/a.ts';", /engine must not import sim/),
    plant('sim', "import { a } from '../node/a.ts';", /sim must not import node/),
    plant('node', "import { a } from '../sim/a.ts';", /node must not import sim/),
    plant('node', "import { a } from '../client/a.ts';", /node must not import client/),
    plant('client', "import { a } from '../sim/a.ts';", /client must not import sim/),
    plant('client', "import { a } from '../cli/a.ts';", /client must not import cli/),
    plant('cli', "import type { Engine } from '../engine/api.ts';", /cli must not import engine/),
    plant('cli', "const a = await import('../node/a.ts');", /cli must not import node/),
    plant(
      'cli',
      "import { a } from '../client/worker-client.ts';",
      /cli must not import client\/worker-client/,
    ),
    plant('cli', "import { Lines } from '../tui/components/lines.ts';", /cli must not import tui/),
    plant('tui', "import { download } from '../cli/download-command.ts';", /tui must not import cli/),
    plant('engine', "import { a } from './a.js';", /must end in \.ts/),
    plant('engine', "import { a } from './a';", /must end in \.ts/),
    plant('engine', "import { createHash } from 'node:crypto';", /only .* name Node/),
    plant('protocol/wire', "import fc from 'fast-check';", /only .* libraries/),
    plant('unheard-of', 'export const a = 1;', /no layer/),
    plant('base', "import '../../scripts/a.ts';", /outside src/),
  ],
};

function plant(folder, line, expect) {
  return { path: `src/${folder}/planted.ts`, text: `/** Planted. */\n${line}\n`, expect };
}

/** What is wrong with an import, or null. */
function complaint(path, folder, specifier) {
  if (!specifier.startsWith('.')) {
    if (PLATFORM_FOLDERS.has(folder)) return null;
    return `only ${[...PLATFORM_FOLDERS].join(', ')} may name Node and libraries, not ${folder} ('${specifier}')`;
  }
  if (!specifier.endsWith('.ts')) return `a relative import must end in .ts ('${specifier}')`;
  const target = resolve(path, specifier);
  if (!target.startsWith('src/')) return `'${specifier}' lies outside src`;
  const inside = target.slice('src/'.length);
  if (folderOf(target) === folder) return null;
  const allowed = MAY_IMPORT.get(folder);
  if (allowed.some((door) => inside === door || inside.startsWith(`${door}/`))) return null;
  const isDoorsOnly = allowed.some((door) => door.startsWith(`${folderOf(target)}/`));
  return `${folder} must not import ${isDoorsOnly ? inside.replace(/\.ts$/, '') : (folderOf(target) ?? inside)}`;
}

/** The folder of the table that a source lies in, or null. */
function folderOf(path) {
  const [, first, second] = path.split('/');
  const folder = first === 'protocol' ? `${first}/${second}` : first;
  return MAY_IMPORT.has(folder) ? folder : null;
}

/** The path that a relative specifier means. */
export function resolve(path, specifier) {
  const parts = path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
