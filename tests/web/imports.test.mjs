// The files of web/src import each other in one direction, types and `import()` included.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../web/src');
const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.ts'));
const imports = new Map(
  files.map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'));
    const paths = importedFiles.map(({ fileName }) => normalize(join(dirname(file), fileName)));
    return [file, paths.map((path) => path.replace(/\.js$/, '.ts'))];
  }),
);

test('no file of web/src imports itself through others', () => {
  expect(imports.get('index.ts').length).toBeGreaterThan(20);
  const done = new Set();
  const circles = [];
  const visit = (file, way) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    else if (!done.has(file)) {
      for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
      done.add(file);
    }
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});
