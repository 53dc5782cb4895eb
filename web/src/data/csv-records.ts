import { FormatError } from '../runtime/errors.js';

/** Characters of a record at most: a quote that is not closed would take all that follows. */
const maxRecord = 2 ** 22;

/** A line of a table, or the lines that a quoted field of it spans. */
export interface CsvRecord {
  /** The line that it begins at, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** The place that errors name. */
export const placeOf = (call: string, line: number): string => `${call}: line ${line}`;

const isLineEnd = (code: number): boolean => code === 10 || code === 13;

/**
 * Reads records by RFC 4180 out of text that arrives in pieces. Lines end with LF, CRLF or CR; empty
 * ones are left out. A quote within a field that does not begin with one is a character.
 */
export class CsvReader {
  readonly #call: string;
  readonly #delimiter: string;
  /** The part that has arrived of a record that has not ended. */
  #rest = '';
  /** The length from which on that is worth another look: doubled each time, so that the time is linear. */
  #enough = 0;
  #line = 1;

  constructor(call: string, delimiter: string) {
    this.#call = call;
    this.#delimiter = delimiter;
  }

  /**
   * The records that end in the next piece.
   *
   * @param isLast - Whether the text ends here.
   * @throws {@link FormatError} for a field that goes on behind its quotes, or has no second one.
   */
  *read(piece: string, isLast: boolean): Generator<CsvRecord> {
    const text = this.#rest + piece;
    let start = 0;
    while (start < text.length && (isLast || text.length >= this.#enough)) {
      const record = this.#record(text, start, isLast);
      if (record === undefined) break;
      const { fields, end, lines } = record;
      const isEmpty = fields.length === 1 && fields[0] === '' && text[start] !== '"';
      if (!isEmpty) yield { line: this.#line, fields };
      this.#line += lines;
      start = end;
    }
    this.#rest = text.slice(start);
    if (text.length >= this.#enough) this.#enough = 2 * this.#rest.length;
    if (this.#rest.length > maxRecord) {
      this.#fail(`a record of more than ${maxRecord} characters; is a quote not closed?`);
    }
  }

  /** The record at `start`, where it ends and how many lines it takes; undefined until it ends. */
  #record(
    text: string,
    start: number,
    isLast: boolean,
  ): { fields: string[]; end: number; lines: number } | undefined {
    const fields: string[] = [];
    const isOpen = (end: number): boolean => end >= text.length && !isLast;
    let lines = 1;
    for (let at = start; ; at++) {
      let field: string;
      if (text[at] === '"') {
        const quoted = this.#quoted(text, at, isLast);
        if (quoted === undefined) return undefined;
        ({ field } = quoted);
        at = quoted.end;
        lines += field.split(/\r\n|\r|\n/).length - 1;
      } else {
        const from = at;
        const delimiter = this.#delimiter.charCodeAt(0);
        for (; at < text.length; at++) {
          const code = text.charCodeAt(at);
          if (code === delimiter || isLineEnd(code)) break;
        }
        field = text.slice(from, at);
      }
      if (isOpen(at)) return undefined;
      fields.push(field);
      if (text[at] === this.#delimiter) continue;
      if (at >= text.length) return { fields, end: at, lines };
      if (!isLineEnd(text.charCodeAt(at))) this.#fail('text behind the quote that ends a field');
      // An LF that belongs to it may not have arrived.
      if (text[at] === '\r' && isOpen(at + 1)) return undefined;
      return { fields, end: text.startsWith('\r\n', at) ? at + 2 : at + 1, lines };
    }
  }

  /** The field whose quote is at `start`, and what comes after its second one. */
  #quoted(
    text: string,
    start: number,
    isLast: boolean,
  ): { field: string; end: number } | undefined {
    let field = '';
    for (let from = start + 1; ;) {
      const quote = text.indexOf('"', from);
      if (quote < 0) {
        if (isLast) this.#fail('a quote that is not closed');
        return undefined;
      }
      field += text.slice(from, quote);
      if (text[quote + 1] !== '"') return { field, end: quote + 1 };
      field += '"';
      from = quote + 2;
    }
  }

  #fail(problem: string): never {
    throw new FormatError(placeOf(this.#call, this.#line), problem);
  }
}
