/** Checks that what lies on a device is the torrent's content, byte for byte, under the final names. */
import type { FileSystem } from '../../ports/file-system.ts';
import type { MetainfoFile } from '../../protocol/metainfo/metainfo.ts';
import type { SimTorrent } from '../sim-torrent.ts';

/** What is read and compared at a time. */
const STEP_BYTES = 1 << 20;

/** One sentence for each file that is missing or differs; empty when all is well. */
export function dataEqualsOracle(fileSystem: FileSystem, directory: string, torrent: SimTorrent): string[] {
  const violations: string[] = [];
  for (const file of torrent.metainfo.files) {
    const violation = file.isPadding
      ? null
      : checkFile(fileSystem, `${directory}/${file.path}`, file, torrent);
    if (violation !== null) violations.push(violation);
  }
  return violations;
}

function checkFile(
  fileSystem: FileSystem,
  path: string,
  file: MetainfoFile,
  torrent: SimTorrent,
): string | null {
  const status = fileSystem.status(path);
  if (status === null) return `${path} is missing`;
  if (status.length !== file.length) return `${path} has ${status.length} bytes, not ${file.length}`;
  const handle = fileSystem.open(path, 'read');
  const buffer = new Uint8Array(Math.min(STEP_BYTES, file.length));
  let difference = -1;
  for (let at = 0; at < file.length && difference < 0; at += STEP_BYTES) {
    const part = buffer.subarray(0, Math.min(STEP_BYTES, file.length - at));
    const count = handle.read(at, [part]);
    difference =
      count < part.length
        ? file.offset + at + count
        : torrent.content.firstDifference(part, file.offset + at);
  }
  handle.close();
  return difference < 0 ? null : `${path} differs at byte ${difference - file.offset}`;
}
