/**
 * Owns the drawing of a captured terminal screen as SVG: text with SGR sequences (the 16 colours, bold, dim, inverse) in;
 * a picture out that looks the same with every font, because lines and blocks are shapes and every run of text has its
 * width.
 */
import { textWidth } from '../src/cli/terminal-text.ts';

const CELL = { width: 8.4, height: 18, baseline: 13 };
const MARGIN = { top: 44, side: 18, bottom: 18 };
const COLORS = {
  background: '#11151c',
  foreground: '#d7dce5',
  frame: '#2a313d',
  31: '#f07178',
  32: '#7fd88f',
  33: '#f2c572',
  34: '#6cb6ff',
  35: '#c792ea',
  36: '#5fd7d7',
};
const DIM_OPACITY = 0.5;
const FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/** Arms of line-drawing characters: up, right, down, left. */
const LINES = {
  '─': [0, 1, 0, 1],
  '│': [1, 0, 1, 0],
  '├': [1, 1, 1, 0],
  '┤': [1, 0, 1, 1],
  '┬': [0, 1, 1, 1],
  '┴': [1, 1, 0, 1],
  '┼': [1, 1, 1, 1],
};
/** Rounded corners: which way they open. */
const CORNERS = { '╭': [1, 1], '╮': [-1, 1], '╰': [1, -1], '╯': [-1, -1] };
const LEFT_BLOCKS = '▏▎▍▌▋▊▉█';
const LOWER_BLOCKS = '▁▂▃▄▅▆▇█';
/** Heavy lines from the left: how much of the width they take. */
const HEAVY = { '━': 1, '╸': 0.5 };
const SHADES = { '░': 0.22, '▒': 0.5, '▓': 0.75 };

/** The picture of `capture`, whose lines are rows; `columns` of them are drawn, `title` above. */
export function renderSvg(capture, { columns, rows, title }) {
  const lines = capture.split('\n').slice(0, rows);
  const width = round(columns * CELL.width + 2 * MARGIN.side);
  const height = round(rows * CELL.height + MARGIN.top + MARGIN.bottom);
  const body = parseRows(lines).map(drawRow).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${COLORS.background}" stroke="${COLORS.frame}"/>`,
    ['#f07178', '#f2c572', '#7fd88f']
      .map((color, i) => `<circle cx="${20 + 18 * i}" cy="20" r="5.5" fill="${color}" opacity=".8"/>`)
      .join(''),
    `<g font-family="${FONT}" font-size="14" fill="${COLORS.foreground}">`,
    `<text x="${width / 2}" y="25" text-anchor="middle" opacity=".6">${escapeText(title)}</text>`,
    `<g transform="translate(${MARGIN.side} ${MARGIN.top})">`,
    body,
    '</g></g></svg>\n',
  ].join('\n');
}

/** The cells of every row: characters with their column and style. A style lasts until it is changed, over rows. */
function parseRows(lines) {
  let style = {};
  return lines.map((line) => {
    const cells = [];
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it reads
    for (const [, codes, text] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
      if (text === undefined) {
        style = applyCodes(style, codes);
        continue;
      }
      for (const character of text) {
        const width = textWidth(character);
        cells.push({ character, column, width, style });
        column += width;
      }
    }
    return cells;
  });
}

function applyCodes(style, codes) {
  let next = { ...style };
  for (const code of (codes === '' ? '0' : codes).split(';').map(Number)) {
    if (code === 0) next = {};
    else if (code === 1) next.isBold = true;
    else if (code === 2) next.isDim = true;
    else if (code === 7) next.isInverse = true;
    else if (code === 22) next = { ...next, isBold: false, isDim: false };
    else if (code === 27) next.isInverse = false;
    else if (code >= 30 && code <= 37) next.color = COLORS[code];
    else if (code === 39) next.color = undefined;
  }
  return next;
}

function drawRow(cells, row) {
  const runs = [];
  for (const { character, column, width, style } of cells) {
    const kind = kindOf(character);
    const last = runs.at(-1);
    const isSame = last !== undefined && last.kind === kind && last.style === style && last.end === column;
    if (isSame && (kind === 'text' || (last.text.startsWith(character) && !isDrawnAlone(character)))) {
      last.text += character;
      last.end += width;
    } else runs.push({ kind, text: character, start: column, end: column + width, style });
  }
  return runs.map((run) => (run.style.isInverse ? drawGround(run, row) : '') + drawRun(run, row)).join('');
}

function kindOf(character) {
  const isBlock =
    character in SHADES ||
    character in HEAVY ||
    LEFT_BLOCKS.includes(character) ||
    LOWER_BLOCKS.includes(character);
  return isBlock || character in LINES || character in CORNERS ? 'shape' : 'text';
}

/** Shapes that are not the same when they are stretched. */
function isDrawnAlone(character) {
  return !(
    character in SHADES ||
    character === '█' ||
    character === '━' ||
    character === '─' ||
    LOWER_BLOCKS.includes(character)
  );
}

function drawRun(run, row) {
  if (run.kind === 'shape') return drawShape(run, row);
  if (run.text.trim() === '') return '';
  const lead = run.text.length - run.text.trimStart().length;
  const text = run.text.trim();
  const x = round((run.start + lead) * CELL.width);
  const length = round(textWidth(text) * CELL.width);
  const weight = run.style.isBold ? ' font-weight="bold"' : '';
  return `<text x="${x}" y="${row * CELL.height + CELL.baseline}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${weight}${paintOf(run.style)} xml:space="preserve">${escapeText(text)}</text>`;
}

function drawGround({ start, end, style }, row) {
  const fill = style.color ?? COLORS.foreground;
  return `<rect x="${round(start * CELL.width)}" y="${row * CELL.height}" width="${round((end - start) * CELL.width)}" height="${CELL.height}" fill="${fill}"/>`;
}

/** Lines and blocks as shapes. */
function drawShape({ text, start, end, style }, row) {
  const character = [...text][0];
  const x = start * CELL.width;
  const y = row * CELL.height;
  const width = (end - start) * CELL.width;
  const paint = paintOf(style);
  const rect = (top, right, opacity = '') =>
    `<rect x="${round(x)}" y="${round(y + top)}" width="${round(right)}" height="${round(CELL.height - top)}"${paint}${opacity}/>`;
  if (character in SHADES) return rect(0, width, ` fill-opacity="${SHADES[character]}"`);
  if (character in HEAVY) {
    const length = round(width * HEAVY[character]);
    return `<rect x="${round(x)}" y="${y + 7}" width="${length}" height="4"${paint}/>`;
  }
  if (character === '█') return rect(0, width);
  const left = LEFT_BLOCKS.indexOf(character) + 1;
  if (left > 0) return rect(0, (width * left) / 8);
  const lower = LOWER_BLOCKS.indexOf(character) + 1;
  if (lower > 0) return rect(CELL.height * (1 - lower / 8), width);
  return drawLine(character, x, y, width, style);
}

function drawLine(character, x, y, width, style) {
  const [cx, cy] = [x + CELL.width / 2, y + CELL.height / 2];
  const stroke = strokeOf(style);
  const corner = CORNERS[character];
  if (corner !== undefined) {
    const [right, down] = corner;
    const endX = right > 0 ? x + CELL.width : x;
    const endY = down > 0 ? y + CELL.height : y;
    return `<path d="M${round(endX)} ${round(cy)}H${round(cx + right * 3)}Q${round(cx)} ${round(cy)} ${round(cx)} ${round(cy + down * 4)}V${round(endY)}" fill="none"${stroke}/>`;
  }
  const [up, right, down, left] = LINES[character];
  const parts = [];
  if (left + right > 0) parts.push(`M${round(left ? x : cx)} ${round(cy)}H${round(right ? x + width : cx)}`);
  if (up + down > 0) parts.push(`M${round(cx)} ${round(up ? y : cy)}V${round(down ? y + CELL.height : cy)}`);
  return `<path d="${parts.join('')}" fill="none"${stroke}/>`;
}

function paintOf(style) {
  const color = style.isInverse ? COLORS.background : style.color;
  const fill = color === undefined ? '' : ` fill="${color}"`;
  return fill + (style.isDim && !style.isInverse ? ` opacity="${DIM_OPACITY}"` : '');
}

function strokeOf(style) {
  return ` stroke="${style.color ?? COLORS.foreground}"${style.isDim ? ` opacity="${DIM_OPACITY}"` : ''}`;
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(number) {
  return Math.round(number * 100) / 100;
}
