import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineWidth, plainText } from './line.ts';
import { headerLine, layOut, rowLine, type TableColumn } from './table.ts';

interface Animal {
  readonly name: string;
  readonly legs: number;
}
const COLUMNS: readonly TableColumn<Animal>[] = [
  { title: 'Name', width: 6, grows: 1, text: (animal) => animal.name },
  { title: 'Legs', width: 4, align: 'right', dropOrder: 1, text: (animal) => String(animal.legs) },
  { title: 'Half', width: 4, align: 'right', dropOrder: 2, text: (animal) => String(animal.legs / 2) },
];
const CAT = { name: 'cat', legs: 4 };

test('columns with room to grow take what is left, the least important go first', () => {
  const draw = (width: number): string[] => {
    const laidOut = layOut(COLUMNS, width);
    return [plainText(headerLine(laidOut)), plainText(rowLine(laidOut, CAT))];
  };
  assert.deepEqual(draw(20), ['Name      Legs  Half', 'cat          4     2']);
  assert.deepEqual(draw(14), ['Name      Legs', 'cat          4']);
  assert.deepEqual(draw(8), ['Name    ', 'cat     ']);
  assert.deepEqual(draw(6), ['Name  ', 'cat   ']);
});

test('a row is as wide as the table, whatever is in it', () => {
  for (let width = 6; width < 40; width++) {
    const laidOut = layOut(COLUMNS, width);
    const long = { name: '日本のとても長い名前 with a tail', legs: 1e20 };
    assert.equal(lineWidth(rowLine(laidOut, long)), lineWidth(rowLine(laidOut, CAT)));
    assert.ok(lineWidth(rowLine(laidOut, long)) <= width);
  }
});
