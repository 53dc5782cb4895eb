import { type Check, checkArray, checkBoolean, isPlain, reject } from '../runtime/checks.js';
import { describe, FormatError, suggest, ValueError } from '../runtime/errors.js';
import { type CsvRecord, placeOf } from './csv-records.js';

/**
 * The contents of a column: numbers; texts, of which each is a category; nothing that is wanted; or the
 * categories themselves, in the order of their numbers.
 */
export type ColumnType = 'number' | 'category' | 'ignore' | readonly string[];

/** Options of {@link fromCsv}. */
export interface CsvOptions {
  /** The column to predict: its name, or its place from 0. All others are the samples. */
  readonly label: string | number;
  /**
   * The contents of columns, by name. Default: numbers where a column's first value is one, else categories,
   * each a number of the sample that is 1 or 0.
   */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** Whether a category of the label is a row with a one, and not a class number. Default false. */
  readonly oneHot?: boolean | undefined;
  /** The character between fields. Default ','. */
  readonly delimiter?: string | undefined;
  /** Whether the first line has the columns' names; without it they are '0', '1', … Default true. */
  readonly header?: boolean | undefined;
  /**
   * The consequence of a missing value: 'error' (the default), 'skip' leaves out its row, a number
   * takes its place among the numbers of the samples.
   */
  readonly missing?: 'error' | 'skip' | number | undefined;
  /** The texts that mean that a value is missing. Default: the empty one. */
  readonly missingValues?: readonly string[] | undefined;
}

function isColumnType(value: unknown): boolean {
  if (!Array.isArray(value)) return ['number', 'category', 'ignore'].includes(value as string);
  const isUnique = new Set(value).size === value.length;
  // A copy, in which holes are undefined.
  return (
    value.length > 0 && isUnique && Array.from(value).every((name) => typeof name === 'string')
  );
}

/** A check for each option. */
export const csvChecks = {
  label: (what: string, value: unknown) => {
    const isPlace = Number.isSafeInteger(value) && (value as number) >= 0;
    if (typeof value !== 'string' && !isPlace) {
      reject(what, "a column's name or its place from 0", value, 'number');
    }
  },
  types: (what: string, value: unknown) => {
    if (!isPlain(value)) reject(what, "an object such as { age: 'number' }", value);
    for (const [name, type] of Object.entries(value)) {
      const wanted = "'number', 'category', 'ignore' or a list of different categories";
      if (!isColumnType(type)) reject(`${what}[${describe(name)}]`, wanted, type, 'string');
    }
  },
  oneHot: checkBoolean,
  delimiter: (what: string, value: unknown) => {
    if (typeof value !== 'string' || value.length !== 1 || '"\r\n'.includes(value)) {
      reject(what, 'one character, neither a quote nor the end of a line', value, 'string');
    }
  },
  header: checkBoolean,
  missing: (what: string, value: unknown) => {
    if (value === 'error' || value === 'skip') return;
    if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return;
    reject(what, "'error', 'skip' or a number that float32 can hold", value, typeof value);
  },
  missingValues: (what: string, value: unknown) => {
    checkArray(what, value);
    for (const [i, text] of value.entries()) {
      if (typeof text !== 'string') reject(`${what}[${i}]`, 'a text', text);
    }
  },
} satisfies { readonly [Name in keyof Required<CsvOptions>]: Check };

/** Categories that a column of samples has without being told to have some: a name is no good feature. */
const maxCategories = 256;

/** The number that a text is, if float32 holds it, or NaN. */
function numberOf(text: string): number {
  const value = Number(text);
  // Blanks alone are 0 to Number().
  return (value === 0 && text.trim() === '') || !Number.isFinite(Math.fround(value)) ? NaN : value;
}

/** In the order of numbers where all are, else of characters. */
function inOrder(categories: Iterable<string>): string[] {
  const all = [...categories];
  const isNumbers = all.every((text) => !Number.isNaN(numberOf(text)));
  return isNumbers ? all.sort((a, b) => Number(a) - Number(b)) : all.sort();
}

/** A column while it is read. */
interface Column {
  readonly name: string;
  type: 'number' | 'category' | 'ignore' | undefined;
  /** Whether its type was told, and not seen in its first value. */
  readonly isTold: boolean;
  /** The place of each category, in the order they came in, or were told. */
  readonly categories: Map<string, number>;
  readonly areTold: boolean;
  /** Its numbers, or places of categories, of as many rows as there are, and room for more. */
  values: Float32Array;
}

/** Rows as numbers. */
export interface CsvArrays {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** The meaning of each number of x. */
  readonly columns: readonly string[];
  /** Categories of the label by class number; none where it is a number. */
  readonly classes: readonly string[];
  readonly yShape: readonly number[];
  /** The contents of each column, for another table with the same ones. */
  readonly types: Readonly<Record<string, ColumnType>>;
}

/** A table whose records arrive one by one. */
export class CsvTable {
  readonly #call: string;
  readonly #options: CsvOptions;
  /** Whether categories must be told: rows are wanted before all have been seen. */
  readonly #isStream: boolean;
  #columns: Column[] | undefined;
  #label: Column | undefined;
  /** Rows read and not taken. */
  length = 0;

  constructor(call: string, options: CsvOptions, isStream: boolean) {
    [this.#call, this.#options, this.#isStream] = [call, options, isStream];
  }

  /**
   * Takes a record: the columns' names or a row.
   *
   * @throws {@link FormatError}, which names line and column, for what is wrong in it,
   * {@link ValueError} for options about columns that there are not.
   */
  add(record: CsvRecord): void {
    const { fields, line } = record;
    if (!this.#columns) {
      const hasHeader = this.#options.header ?? true;
      this.#begin(hasHeader ? fields : fields.map((_, i) => String(i)), line);
      if (hasHeader) return;
    }
    const columns = this.#columns as unknown as Column[];
    if (fields.length !== columns.length) {
      const place = placeOf(this.#call, line);
      throw new FormatError(place, `has ${fields.length} fields, not ${columns.length}`);
    }
    const { missing = 'error', missingValues = [''] } = this.#options;
    const isMissing = (i: number): boolean => missingValues.includes(fields[i] as string);
    const isIncomplete = columns.some(({ type }, i) => type !== 'ignore' && isMissing(i));
    if (isIncomplete && missing === 'skip') return;
    for (const [i, column] of columns.entries()) {
      if (column.type === 'ignore') continue;
      const isFilled = isIncomplete && isMissing(i);
      const text = fields[i] as string;
      const value = isFilled ? this.#filled(column, line) : this.#encode(column, text, line);
      if (this.length === column.values.length) {
        const { values } = column;
        column.values = new Float32Array(2 * values.length);
        column.values.set(values);
      }
      column.values[this.length] = value;
    }
    this.length++;
  }

  #begin(names: readonly string[], line: number): void {
    const { label, types = {} } = this.#options;
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) {
        throw new FormatError(placeOf(this.#call, line), `has two columns ${describe(name)}`);
      }
      seen.add(name);
    }
    const unknown = Object.keys(types).find((name) => !names.includes(name));
    if (unknown !== undefined) this.#unknown('types', unknown, names);
    const columns = names.map((name): Column => {
      const told = Object.hasOwn(types, name) ? types[name] : undefined;
      const areTold = told !== undefined && typeof told !== 'string';
      return {
        name,
        type: areTold ? 'category' : told,
        isTold: told !== undefined,
        categories: new Map(areTold ? told.map((category, i) => [category, i]) : []),
        areTold,
        values: new Float32Array(64),
      };
    });
    const place = typeof label === 'number' ? label : names.indexOf(label);
    const own = columns[place];
    if (!own) this.#unknown('label', label, names);
    if (own.type === 'ignore') throw new ValueError(`${this.#call}: the label is ignored`);
    if (!columns.some((column) => column !== own && column.type !== 'ignore')) {
      throw new ValueError(`${this.#call}: there is no column but the label`);
    }
    [this.#columns, this.#label] = [columns, own];
  }

  #unknown(option: string, given: string | number, names: readonly string[]): never {
    const known = suggest(given, names);
    throw new ValueError(`${this.#call}: ${option}: no column ${describe(given)}${known}`);
  }

  #fail(column: Column, line: number, problem: string): never {
    const place = `${placeOf(this.#call, line)}, column ${describe(column.name)}`;
    throw new FormatError(place, problem);
  }

  #filled(column: Column, line: number): number {
    const { missing } = this.#options;
    const isNumber = column.type === 'number' || column.type === undefined;
    if (typeof missing === 'number' && isNumber && column !== this.#label) {
      column.type = 'number';
      return missing;
    }
    const others = typeof missing === 'number' ? '' : "missing: 'skip' or a number goes on";
    return this.#fail(column, line, `the value is missing${others && `; ${others}`}`);
  }

  #encode(column: Column, text: string, line: number): number {
    const value = numberOf(text);
    column.type ??= Number.isNaN(value) ? 'category' : 'number';
    if (column.type === 'number') {
      if (!Number.isNaN(value)) return value;
      const hint = column.isTold ? '' : `; or tell types: { ${describe(column.name)}: 'category' }`;
      this.#fail(column, line, `must be a finite number, got ${describe(text)}${hint}`);
    }
    const { categories, areTold } = column;
    if (!areTold && this.#isStream) {
      this.#fail(
        column,
        line,
        `categories must be told before the first batch: types: { ${describe(column.name)}: [${describe(text)}, …] }`,
      );
    }
    const place = categories.get(text) ?? categories.size;
    if (place === categories.size) {
      if (areTold) {
        const known = suggest(text, [...categories.keys()]);
        this.#fail(column, line, `there is no category ${describe(text)}${known}`);
      }
      if (place === maxCategories && !column.isTold && column !== this.#label) {
        const hint = `tell types: { ${describe(column.name)}: 'ignore' } or 'category'`;
        this.#fail(column, line, `more than ${maxCategories} different texts; ${hint}`);
      }
      categories.set(text, place);
    }
    return place;
  }

  /** Refuses a column of numbers that was taken for categories, since its first value is none. */
  #checkGuess({ name, type, isTold, categories }: Column): void {
    if (type !== 'category' || isTold) return;
    const texts = [...categories.keys()];
    const numbers = texts.filter((text) => !Number.isNaN(numberOf(text))).length;
    const [odd] = texts.filter((text) => Number.isNaN(numberOf(text)));
    if (odd === undefined || 2 * numbers <= texts.length) return;
    throw new FormatError(
      `${this.#call}: column ${describe(name)}`,
      `most texts are numbers, ${describe(odd)} is none; tell missingValues, or types: { ${describe(name)}: 'number' or 'category' }`,
    );
  }

  /**
   * The rows read so far, which are taken out of the table.
   *
   * @throws {@link FormatError} where there are none.
   */
  take(): CsvArrays {
    const { length } = this;
    const label = this.#label;
    if (!this.#columns || !label || length === 0) {
      throw new FormatError(this.#call, 'the table has no rows');
    }
    const used = this.#columns.filter(({ type }) => type !== 'ignore');
    for (const column of used) this.#checkGuess(column);
    /** Categories of a column in order, and the place there of each by the place that it had. */
    const orders = new Map(
      used.map((column) => {
        const names = [...column.categories.keys()];
        const ordered = column.areTold ? names : inOrder(names);
        const places = new Map(ordered.map((name, i) => [name, i]));
        return [column, { ordered, places: names.map((name) => places.get(name) as number) }];
      }),
    );
    const orderOf = (column: Column) =>
      orders.get(column) as { ordered: string[]; places: number[] };
    const widthOf = (column: Column): number =>
      column.type === 'number' ? 1 : orderOf(column).ordered.length;
    /** Writes a column to rows of `width` numbers, from place `at` of each on. */
    const write = (column: Column, rows: Float32Array, width: number, at: number): void => {
      const { places } = orderOf(column);
      for (const [i, value] of column.values.subarray(0, length).entries()) {
        const row = i * width + at;
        if (column.type === 'number') rows[row] = value;
        else rows[row + (places[value] as number)] = 1;
      }
    };
    const features = used.filter((column) => column !== label);
    const width = features.reduce((sum, column) => sum + widthOf(column), 0);
    const x = new Float32Array(length * width);
    let at = 0;
    for (const column of features) {
      write(column, x, width, at);
      at += widthOf(column);
    }
    const isClass = label.type === 'category';
    const { oneHot = false } = this.#options;
    if (oneHot && !isClass) {
      throw new ValueError(
        `${this.#call}: oneHot: the label is numbers; tell types: { ${describe(label.name)}: 'category' }`,
      );
    }
    const outputs = oneHot ? widthOf(label) : 1;
    const y = new Float32Array(length * outputs);
    if (!isClass || oneHot) write(label, y, outputs, 0);
    else {
      const { places } = orderOf(label);
      for (const [i, value] of label.values.subarray(0, length).entries())
        y[i] = places[value] as number;
    }
    this.length = 0;
    const typeOf = (column: Column): ColumnType =>
      column.type === 'category' ? orderOf(column).ordered : (column.type ?? 'number');
    return {
      x,
      y,
      columns: features.flatMap((column) =>
        column.type === 'number'
          ? [column.name]
          : orderOf(column).ordered.map((category) => `${column.name}=${category}`),
      ),
      classes: isClass ? orderOf(label).ordered : [],
      yShape: isClass && !oneHot ? [] : [outputs],
      types: Object.fromEntries(this.#columns.map((column) => [column.name, typeOf(column)])),
    };
  }
}
