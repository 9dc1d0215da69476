/**
 * Owns the names under which the files of one storage lie: final, incomplete, and the parts file.
 *
 * Invariant: no incomplete name and not the parts file's name equals a final name, even where the file system
 * ignores case; a torrent may well contain `a` and `a.part`.
 */
import type { StorageSpec } from '../ports/disk.ts';

const PART_SUFFIX = '.part';
const PARTS_SUFFIX = '.parts';

export class FileNames {
  /** The directory of the specification, without a slash at its end. */
  readonly directory: string;
  /** Absolute path of the parts file. */
  readonly parts: string;
  readonly #files: StorageSpec['files'];
  readonly #base: string;
  readonly #partSuffix: string;

  constructor(spec: StorageSpec) {
    this.#files = spec.files;
    const trimmed = spec.directory.replace(/\/+$/, '');
    this.directory = trimmed === '' ? '/' : trimmed;
    this.#base = `${trimmed}/`;
    const taken = new Set<string>();
    let mayCollide = false;
    const partsPath = spec.partsPath.toLowerCase();
    for (const file of spec.files) {
      const path = file.path.toLowerCase();
      if (path.endsWith(PART_SUFFIX) || path.startsWith(partsPath)) mayCollide = true;
    }
    if (mayCollide) for (const file of spec.files) taken.add(file.path.toLowerCase());
    this.#partSuffix = freeSuffix(taken);
    this.parts =
      spec.partsDirectory === null
        ? this.#base + freeName(spec.partsPath, taken)
        : `${spec.partsDirectory.replace(/\/+$/, '')}/${spec.partsPath}`;
  }

  /** Where `file` lies once it is verified. */
  final(file: number): string {
    return this.#base + this.#files[file]!.path;
  }

  /** Where `file` lies until then. */
  incomplete(file: number): string {
    return this.#base + this.#files[file]!.path + this.#partSuffix;
  }
}

/** The folder of `path`, which is absolute and not the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `.part`, repeated until no name with it belongs to a file. Ends, because names are finitely long. */
function freeSuffix(taken: ReadonlySet<string>): string {
  for (let suffix = PART_SUFFIX; ; suffix += PART_SUFFIX) {
    let isFree = true;
    for (const path of taken) {
      if (taken.has(path + suffix)) {
        isFree = false;
        break;
      }
    }
    if (isFree) return suffix;
  }
}

function freeName(path: string, taken: ReadonlySet<string>): string {
  let name = path;
  while (taken.has(name.toLowerCase())) name += PARTS_SUFFIX;
  return name;
}
