// Tables as CSV: records as papaparse reads them, columns, sources, errors.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import Papa from 'papaparse';
import { csvBatches, FormatError, fromCsv, ValueError } from 'lamella/data';

const rejection = (promise) =>
  promise.then(
    () => Promise.reject(new Error('it ended without an error')),
    (error) => error,
  );

async function expectError(promise, kind, ...parts) {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(kind);
  for (const part of parts) expect(error.message).toContain(part);
  expect(error.message.length).toBeLessThanOrEqual(300);
}

/** A stream that gives a text in pieces of so many bytes. */
const inPieces = (text, size) => {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, (at += size)));
    },
  });
};

describe('records', () => {
  /** The fields that fromCsv read, as papaparse gives them: each is a category. */
  async function read(source, width, options) {
    const names = Array.from({ length: width }, (_, i) => String(i));
    const types = Object.fromEntries(names.map((name) => [name, 'category']));
    const data = await fromCsv(source, {
      label: 0,
      header: false,
      types,
      missingValues: [],
      ...options,
    });
    const columns = data.columns.map((name) => [name.slice(0, 1), name.slice(2)]);
    const features = columns.length;
    return Array.from({ length: data.length }, (_, i) => [
      data.classes[data.y[i]],
      ...columns.filter((__, k) => data.x[i * features + k] === 1).map(([, value]) => value),
    ]);
  }

  const cell = fc.array(fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '"', '\n', '\r\n', '1'), {
    maxLength: 5,
  });
  const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
    fc.array(
      fc.array(
        cell.map((parts) => parts.join('')),
        { minLength: width, maxLength: width },
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    ),
  );

  test('are those of papaparse, for any cells, ends of lines and sizes of pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom(',', ';', '\t'),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (rows, newline, delimiter, quotes, isEnded, size) => {
          const text =
            Papa.unparse(rows, { newline, delimiter, quotes }) + (isEnded ? newline : '');
          const wanted = Papa.parse(text, { newline, delimiter, skipEmptyLines: true });
          expect(wanted.data).toEqual(rows);
          const width = rows[0].length;
          expect(await read(text, width, { delimiter })).toEqual(rows);
          expect(await read(inPieces(text, size), width, { delimiter })).toEqual(rows);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });

  test('may have quotes within fields, and empty lines between them', async () => {
    expect(await read('a"b,c\n\n\r\n"d""e",\n', 2)).toEqual([
      ['a"b', 'c'],
      ['d"e', ''],
    ]);
  });

  test('end where a quote does', async () => {
    const options = { label: 0 };
    await expectError(
      fromCsv('a,b\n1,2\n3,"4', options),
      FormatError,
      'fromCsv: line 3: a quote that is not closed',
    );
    await expectError(
      fromCsv('a,b\n"1\n"x,2\n', options),
      FormatError,
      'line 2: text behind the quote that ends a field',
    );
    const long = 'x'.repeat(2 ** 22);
    await expectError(
      fromCsv(inPieces(`a,b\n"${long}`, 2 ** 20), options),
      FormatError,
      'line 2: a record of more than 4194304 characters; is a quote not closed?',
    );
  });
});

const people = `age,city,height,sex
31,Paris,1.8,m
40,"Berlin, Mitte",1.6,f
-2e0,Paris,.5,f
`;

describe('columns', () => {
  test('are numbers, categories with a number each, and class numbers in order', async () => {
    const data = await fromCsv(people, { label: 'sex' });
    expect(data.columns).toEqual(['age', 'city=Berlin, Mitte', 'city=Paris', 'height']);
    expect(data.classes).toEqual(['f', 'm']);
    expect([data.length, data.xShape, data.yShape]).toEqual([3, [4], []]);
    const wanted = Float32Array.of(31, 0, 1, 1.8, 40, 1, 0, 1.6, -2, 0, 1, 0.5);
    expect(data.x).toEqual(wanted);
    expect(data.y).toEqual(Float32Array.of(1, 0, 0));
    const [x, y] = [new Float32Array(4), new Float32Array(1)];
    data.gather(Uint32Array.of(2), x, y);
    expect([x, y]).toEqual([wanted.subarray(8), Float32Array.of(0)]);
  });

  test('that are numbers may be classes, in the order of numbers', async () => {
    const text = 'x,digit\n1,10\n2,9\n3,10\n';
    const number = await fromCsv(text, { label: 1 });
    expect([number.classes, number.yShape, number.y]).toEqual([
      [],
      [1],
      Float32Array.of(10, 9, 10),
    ]);
    const types = { digit: 'category' };
    const classes = await fromCsv(text, { label: 'digit', types, oneHot: true });
    expect([classes.classes, classes.yShape]).toEqual([['9', '10'], [2]]);
    expect(classes.y).toEqual(Float32Array.of(0, 1, 1, 0, 0, 1));
    await expectError(
      fromCsv(text, { label: 'digit', oneHot: true }),
      ValueError,
      "fromCsv: oneHot: the label is numbers; tell types: { 'digit': 'category' }",
    );
  });

  test('are read alike in another table by the types of the first', async () => {
    const { types, columns, classes } = await fromCsv(people, {
      label: 'sex',
      types: { height: 'ignore' },
    });
    expect(types).toEqual({
      age: 'number',
      city: ['Berlin, Mitte', 'Paris'],
      height: 'ignore',
      sex: ['f', 'm'],
    });
    const other = await fromCsv('age,city,height,sex\n5,Paris,?,m\n', { label: 'sex', types });
    expect([other.columns, other.classes]).toEqual([columns, classes]);
    expect([other.x, other.y]).toEqual([Float32Array.of(5, 0, 1), Float32Array.of(1)]);
    await expectError(
      fromCsv('age,city,height,sex\n5,Pariss,?,m\n', { label: 'sex', types }),
      FormatError,
      "fromCsv: line 2, column 'city': there is no category 'Pariss'",
      "did you mean 'Paris'?",
    );
  });

  test('have places for names without a header', async () => {
    const data = await fromCsv('1;a;2\n3;b;4', { label: 1, header: false, delimiter: ';' });
    expect([data.columns, data.classes, data.x]).toEqual([
      ['0', '2'],
      ['a', 'b'],
      Float32Array.of(1, 2, 3, 4),
    ]);
  });

  test('of missing values are errors, rows left out, or a number', async () => {
    const text = 'a,b,c\n1,x,2\n,x,3\n4,,5\n6,y,n/a\n';
    await expectError(
      fromCsv(text, { label: 'b' }),
      FormatError,
      "fromCsv: line 3, column 'a': the value is missing; missing: 'skip' or a number goes on",
    );
    const missingValues = ['', 'n/a'];
    const skipped = await fromCsv(text, { label: 'b', missing: 'skip', missingValues });
    expect([skipped.x, skipped.y]).toEqual([Float32Array.of(1, 2), Float32Array.of(0)]);
    await expectError(
      fromCsv(text, { label: 'b', missing: -1, missingValues }),
      FormatError,
      "line 4, column 'b': the value is missing",
    );
    // No number takes the place of a label.
    await expectError(
      fromCsv(text, { label: 'a', types: { b: 'ignore' }, missing: -1, missingValues }),
      FormatError,
      "line 3, column 'a': the value is missing",
    );
    const rest = 'a,b,c\n,x,2\n4,y,\n';
    const { x } = await fromCsv(rest, { label: 'b', missing: -1 });
    expect(x).toEqual(Float32Array.of(-1, 2, 4, -1));
  });

  test('that are wrong are named with the line', async () => {
    const cases = [
      [
        'a,b\n1,2\n3,x\n',
        "line 3, column 'b': must be a finite number, got 'x'",
        "types: { 'b': 'category' }",
      ],
      ['a,b\n1,2\n"3\n4",1\n', "line 3, column 'a': must be a finite number, got '3\n4'"],
      ['a,b\n1,2\n"",""\n3,Infinity\n', "line 3, column 'a': the value is missing"],
      ['a,b\n1,2\n" ",1\n', "line 3, column 'a': must be a finite number, got ' '"],
      ['a,b\n1,2\n3\n', 'line 3: has 1 fields, not 2'],
      ['a,b\n"1\n",2\n3,4,5\n', 'line 4: has 3 fields, not 2'],
      ['a,a\n1,2\n', "line 1: has two columns 'a'"],
      ['a,b\n', 'fromCsv: the table has no rows'],
      ['', 'fromCsv: the table has no rows'],
    ];
    for (const [text, ...parts] of cases) {
      await expectError(fromCsv(text, { label: 0 }), FormatError, ...parts);
    }
    // A line's CR and LF may arrive apart.
    const apart = fromCsv(inPieces('a,b\r\n1,2\r\n3\r\n', 1), { label: 0 });
    await expectError(apart, FormatError, 'line 3: has 1 fields, not 2');
    const names = Array.from({ length: 257 }, (_, i) => `name ${i},0`).join('\n');
    await expectError(
      fromCsv(`name,y\n${names}`, { label: 'y' }),
      FormatError,
      "line 258, column 'name': more than 256 different texts; tell types: { 'name': 'ignore' }",
    );
    const types = { name: 'category' };
    expect((await fromCsv(`name,y\n${names}`, { label: 'y', types })).xShape).toEqual([257]);
    expect((await fromCsv(`name,y\n${names}`, { label: 'name' })).classes).toHaveLength(257);
  });
});

test('a source is text, bytes, a Blob, a Response or a stream', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lamella-csv-'));
  const path = join(folder, 'people.csv');
  const marked = `\uFEFF${people}`;
  await writeFile(path, marked);
  const sources = {
    text: marked,
    bytes: new TextEncoder().encode(marked),
    blob: new Blob([marked]),
    response: new Response(marked),
    stream: inPieces(marked, 3),
    texts: new Blob([marked]).stream().pipeThrough(new TextDecoderStream()),
    file: createReadStream(path, { highWaterMark: 7 }),
  };
  for (const source of Object.values(sources)) {
    const { columns, x } = await fromCsv(source, { label: 'sex' });
    expect([columns[0], x.length]).toEqual(['age', 12]);
  }
  await rm(folder, { recursive: true });
  const options = { label: 'sex' };
  const wrong = new Response('no', { status: 404 });
  await expectError(fromCsv(wrong, options), ValueError, 'a response with content, got status 404');
  await expectError(fromCsv(Uint8Array.of(0xff, 0xfe), options), FormatError, 'is not UTF-8');
  await expectError(fromCsv(new Blob([Uint8Array.of(0xc3)]), options), FormatError, 'is not UTF-8');
  for (const source of [
    undefined,
    5,
    {},
    [people],
    (async function* () {
      yield 5;
    })(),
  ]) {
    await expectError(
      fromCsv(source, options),
      Error,
      'fromCsv: source must be a text, its bytes, a Blob, a Response or a stream',
    );
  }
});

test('a stream is let go of when something is wrong in it', async () => {
  let isCancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('a,b\n1\n')),
    cancel: () => {
      isCancelled = true;
    },
  });
  await expectError(fromCsv(stream, { label: 'a' }), FormatError, 'line 2');
  expect(isCancelled).toBe(true);
});

test('options are checked', async () => {
  const cases = [
    [undefined, 'fromCsv: options must be an object such as { label: … }'],
    [{}, "fromCsv: label must be a column's name or its place from 0, got undefined"],
    [{ label: -1 }, 'fromCsv: label must be'],
    [{ label: 'sexx' }, "fromCsv: label: no column 'sexx'", "did you mean 'sex'?"],
    [{ label: 4 }, 'fromCsv: label: no column 4'],
    [{ label: 'sex', lable: 1 }, "unknown option 'lable'"],
    [{ label: 'sex', types: { hight: 'number' } }, "types: no column 'hight'"],
    [
      { label: 'sex', types: { age: 'float' } },
      "types['age'] must be 'number', 'category', 'ignore'",
    ],
    [{ label: 'sex', types: { sex: ['m', 'm'] } }, "types['sex'] must be"],
    [{ label: 'sex', types: [] }, 'types must be an object'],
    [{ label: 'sex', types: { sex: 'ignore' } }, 'fromCsv: the label is ignored'],
    [
      { label: 'sex', types: { age: 'ignore', city: 'ignore', height: 'ignore' } },
      'fromCsv: there is no column but the label',
    ],
    [{ label: 'sex', delimiter: ', ' }, 'delimiter must be one character'],
    [{ label: 'sex', delimiter: '"' }, 'delimiter must be one character'],
    [{ label: 'sex', header: 1 }, 'header must be true or false'],
    [{ label: 'sex', oneHot: 1 }, 'oneHot must be true or false'],
    [
      { label: 'sex', missing: NaN },
      "missing must be 'error', 'skip' or a number that float32 can hold",
    ],
    [{ label: 'sex', missingValues: [0] }, 'missingValues[0] must be a text'],
  ];
  for (const [options, ...parts] of cases)
    await expectError(fromCsv(people, options), Error, ...parts);
  expect(() => csvBatches(people, { label: 'sex', batchSize: 0 })).toThrow('csvBatches: batchSize');
});

describe('csvBatches', () => {
  const types = { city: ['Paris', 'Berlin, Mitte'], sex: ['m', 'f'] };

  test('gives the rows as fromCsv does, a batch at a time, in each iteration', async () => {
    const whole = await fromCsv(people, { label: 'sex', types });
    const batches = csvBatches(() => inPieces(people, 4), { label: 'sex', types, batchSize: 2 });
    for (let i = 0; i < 2; i++) {
      const all = [];
      for await (const batch of batches) all.push(batch);
      expect(all.map(({ y }) => y.length)).toEqual([2, 1]);
      expect(all.flatMap(({ x }) => [...x])).toEqual([...whole.x]);
      expect(all.flatMap(({ y }) => [...y])).toEqual([...whole.y]);
    }
  });

  test('wants to be told categories', async () => {
    const next = csvBatches(people, { label: 'sex' })[Symbol.asyncIterator]().next();
    await expectError(
      next,
      FormatError,
      "csvBatches: line 2, column 'city': categories must be told before the first batch: " +
        "types: { 'city': ['Paris', …] }",
    );
  });

  test('closes the file when a loop has enough', async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (;;) yield 'a,b\n1,2\n3,4\n'.slice(isClosed ? 4 : 0);
      } finally {
        isClosed = true;
      }
    }
    for await (const { x } of csvBatches(source, { label: 'b', batchSize: 1 })) {
      expect(x).toEqual(Float32Array.of(1));
      break;
    }
    expect(isClosed).toBe(true);
  });
});

test('a column of numbers with an odd first value is not taken for categories', async () => {
  const table = (first) =>
    `x,y\n${[first, ...Array.from({ length: 20 }, (_, i) => i)].join(',1\n')},1`;
  for (const odd of ['NA', ' ', '1e400', '1e39']) {
    const given = odd === ' ' ? '" "' : odd;
    await expectError(fromCsv(table(given), { label: 'y' }), FormatError, "'x'", 'missingValues');
  }
  const told = { label: 'y', missingValues: ['NA'], missing: 'skip' };
  expect((await fromCsv(table('NA'), told)).length).toBe(20);
  const kept = await fromCsv(table('NA'), { label: 'y', types: { x: 'category' } });
  expect(kept.xShape).toEqual([21]);
});

test('numbers are those that float32 holds', async () => {
  await expectError(fromCsv('x,y\n1,1\n1e39,1', { label: 'y' }), FormatError, 'line 3', '1e39');
  await expectError(fromCsv('x,y\n1,1', { label: 'y', missing: 1e39 }), ValueError, 'float32');
});

test('batches come from what a function gives later, such as an answer of fetch', async () => {
  const rows = [];
  const open = () => Promise.resolve(new Response('x,y\n1,2\n3,4'));
  for await (const { x, y } of csvBatches(open, { label: 'y' })) rows.push(...x, ...y);
  expect(rows).toEqual([1, 3, 2, 4]);
});

test('many columns take no longer than they are many', async () => {
  const names = Array.from({ length: 40_000 }, (_, i) => `c${i}`);
  const start = performance.now();
  const data = await fromCsv(`${names}\n${names.map(() => 1)}`, { label: 'c0' });
  expect(data.columns.length).toBe(39_999);
  expect(performance.now() - start).toBeLessThan(5000);
});

test('a response or stream that somebody has read is told', async () => {
  const response = new Response('x,y\n1,2');
  await response.text();
  await expectError(fromCsv(response, { label: 'y' }), ValueError, 'read before');
  const stream = inPieces('x,y\n1,2', 2);
  stream.getReader();
  await expectError(fromCsv(stream, { label: 'y' }), ValueError, 'somebody else reads');
});

test('a long field in small pieces takes time in proportion', async () => {
  const text = `x,y\n"${'a'.repeat(400_000)}",1\n"b",2`;
  const start = performance.now();
  const data = await fromCsv(inPieces(text, 64), { label: 'y' });
  expect(data.length).toBe(2);
  expect(performance.now() - start).toBeLessThan(3000);
});

test('options are those of the call', async () => {
  const types = { y: ['a', 'b'] };
  const table = csvBatches('x,y\n1,a\n2,b', { label: 'y', types });
  types.y.reverse();
  const rows = [];
  for await (const { y } of table) rows.push(...y);
  expect(rows).toEqual([0, 1]);
});

test('batches of no source are refused at once', () => {
  for (const source of [null, undefined, 5, {}, Promise.resolve('x,y')]) {
    expect(() => csvBatches(source, { label: 'y' })).toThrow(/csvBatches: source must be a text/);
  }
});
