/**
 * Owns what `npm test` prints about tests: every failure in full, every skipped test with its reason, and a line of
 * counts that the runner reads back. A thousand titles of tests that passed help nobody.
 */

const COUNTS = 'counts ';
/** Characters of a failed file's stderr. */
const MAX_LAST_WORDS = 4000;

export default async function* report(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const lastWords = new Map();
  for await (const event of source) {
    if (event.type === 'test:stderr') {
      const { file, message } = event.data;
      lastWords.set(file, ((lastWords.get(file) ?? '') + message).slice(-MAX_LAST_WORDS));
    } else if (event.type === 'test:fail') {
      if (isContainer(event.data)) continue;
      counts.failed++;
      yield failureText(event.data);
      if (isWholeFile(event.data)) yield `${lastWords.get(event.data.file) ?? ''}\n`;
    } else if (event.type === 'test:pass') {
      if (event.data.details?.type === 'suite') continue;
      if (event.data.skip !== undefined) {
        counts.skipped++;
        yield `  skipped: ${event.data.name}${typeof event.data.skip === 'string' ? ` (${event.data.skip})` : ''}\n`;
      } else counts.passed++;
    }
  }
  yield `${COUNTS}${JSON.stringify(counts)}\n`;
}

/** The counts in a line of the report, or null when it is another line. */
export function parseCounts(line) {
  return line.startsWith(COUNTS) ? JSON.parse(line.slice(COUNTS.length)) : null;
}

/** True for what failed only because something inside it failed. */
function isContainer(data) {
  return data.details?.error?.failureType === 'subtestsFailed';
}

/** True when a file failed as such: it did not load, or its process died. Its stderr says why. */
function isWholeFile(data) {
  return data.file?.endsWith(data.name);
}

function failureText(data) {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  const text = String(cause?.stack ?? cause?.message ?? cause).trimEnd();
  const place = data.file === undefined ? '' : ` (${data.file}:${data.line ?? 1})`;
  return `\n  FAILED: ${data.name}${place}\n    ${text.replaceAll('\n', '\n    ')}\n\n`;
}
