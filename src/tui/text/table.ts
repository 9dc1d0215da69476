/**
 * Owns tables whose columns never jump: the width of each is fixed by the width of the screen, not by what is in it. Pure.
 */
import { cell, DIM, type Line, type Span, type Style, span } from './line.ts';

export interface TableColumn<Row> {
  readonly title: string;
  /** Columns of the terminal. */
  readonly width: number;
  /** A share of the room that is left when all columns have their width. Default 0. */
  readonly grows?: number;
  readonly align?: 'left' | 'right';
  /** Where there is no room, columns with the highest number go first. Default 0: it stays. */
  readonly dropOrder?: number;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style;
}

export interface LaidOutColumn<Row> {
  readonly column: TableColumn<Row>;
  readonly width: number;
  /** Blanks before it, unless it is the first. */
  readonly gap: number;
}

const GAP = 2;

/** The columns that fit into `width`, in their order, with the room that is left given to those that grow. */
export function layOut<Row>(
  columns: readonly TableColumn<Row>[],
  width: number,
  gap = GAP,
): LaidOutColumn<Row>[] {
  let shown = [...columns];
  while (shown.length > 1 && widthOf(shown, gap) > width) {
    const worst = Math.max(...shown.map((column) => column.dropOrder ?? 0));
    if (worst === 0) break;
    const last = shown.findLastIndex((column) => (column.dropOrder ?? 0) === worst);
    shown = shown.filter((_, index) => index !== last);
  }
  let room = Math.max(0, width - widthOf(shown, gap));
  let shares = shown.reduce((sum, column) => sum + (column.grows ?? 0), 0);
  return shown.map((column) => {
    const grows = column.grows ?? 0;
    const extra = shares === 0 ? 0 : Math.floor((room * grows) / shares);
    room -= extra;
    shares -= grows;
    return { column, width: column.width + extra, gap };
  });
}

export function headerLine<Row>(columns: readonly LaidOutColumn<Row>[]): Line {
  return columns.flatMap(({ column, width, gap }, index) =>
    withGap(cell(column.title, width, DIM, column.align), index === 0 ? 0 : gap),
  );
}

export function rowLine<Row>(columns: readonly LaidOutColumn<Row>[], row: Row): Line {
  return columns.flatMap(({ column, width, gap }, index) =>
    withGap(cell(column.text(row), width, column.style?.(row), column.align), index === 0 ? 0 : gap),
  );
}

function withGap(part: Span, gap: number): Span[] {
  return gap === 0 ? [part] : [span(' '.repeat(gap)), part];
}

function widthOf<Row>(columns: readonly TableColumn<Row>[], gap: number): number {
  return columns.reduce((sum, column) => sum + column.width, 0) + gap * (columns.length - 1);
}
