/**
 * Owns the words for a bug of ours: what broke and where in the code, so that a report is worth something.
 */

/** One sentence without a full stop for a thrown value that nobody expected. */
export function bugSentence(error: unknown): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const place = error instanceof Error ? firstFrame(error.stack) : null;
  const where = place === null ? '' : ` (${place})`;
  return `${what.replaceAll(/\s+/g, ' ')}${where}; this is a bug in spate, please report it`;
}

/**
 * The innermost stack frame outside the assertion itself, as `at NAME (FILE:LINE:COLUMN)`, without the
 * directories: they say nothing but where the program is installed.
 */
function firstFrame(stack: string | undefined): string | null {
  const frames = (stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const frame = frames.find((line) => !line.includes('/base/assert.')) ?? frames[0];
  if (frame === undefined) return null;
  return frame.trim().replace(/(?:file:\/\/)?[^\s()]*\/([^\s()/]+)/, '$1');
}
