/**
 * Owns the painted lines of the drawing that is under way, while Ink lays them out.
 *
 * Ink measures every glyph of every text on every drawing, and ours are laid out already: 11 ms for 100 × 30 and 50 ms
 * for 300 × 100 were that work alone. So a line goes through Ink as its number on this sheet, and takes its place when
 * the frame comes out.
 */

/** Columns for the longest number: Ink need not know how wide the screen is. */
export const SHEET_COLUMNS = 8;

export class Sheet {
  #lines: string[] = [];

  /** Forgets the lines of the drawing before. */
  clear(): void {
    this.#lines = [];
  }

  /** The text that stands for `lines`: a row for each. */
  put(lines: readonly string[]): string {
    const first = this.#lines.length;
    this.#lines.push(...lines);
    return lines.map((_, index) => first + index).join('\n');
  }

  /** The frame that `frame`, which Ink made, stands for. A row that is no number stays what it is. */
  resolve(frame: string): string {
    return frame
      .split('\n')
      .map((row) => this.#lines[Number(row === '' ? -1 : row)] ?? row)
      .join('\n');
  }
}
