import { FormatError, shorten, UnsupportedError } from '../../runtime/errors.js';
import type { Shape } from '../../shape.js';
import { asCount, asList, asText, type Json, type JsonObject, show } from '../json.js';

/** The configuration of a layer as Keras has it. Errors name the layer. */
export class KerasSettings {
  constructor(
    readonly type: string,
    readonly name: string,
    readonly config: JsonObject,
  ) {}

  /** For what Keras has and lamella has not. */
  unsupported(problem: string): UnsupportedError {
    const [name, type] = [shorten(this.name, 60), shorten(this.type, 40)];
    return new UnsupportedError(`Keras layer '${name}' (${type}): ${problem}`);
  }

  /** A setting, undefined where it is absent or null. */
  setting(key: string): Json | undefined {
    return this.config[key] ?? undefined;
  }

  text(key: string, missing: string): string {
    return asText(this.#entry(key), this.setting(key) ?? missing);
  }

  flag(key: string, missing: boolean): boolean {
    const value = this.setting(key) ?? missing;
    if (typeof value === 'boolean') return value;
    throw new FormatError(this.#entry(key), `expected true or false, got ${show(value)}`);
  }

  number(key: string, missing: number): number {
    const value = this.setting(key) ?? missing;
    if (typeof value === 'number') return value;
    throw new FormatError(this.#entry(key), `expected a number, got ${show(value)}`);
  }

  /** A whole number of at least 1. */
  size(key: string, missing?: number): number {
    const value = asCount(this.#entry(key), this.setting(key) ?? missing);
    if (value >= 1) return value;
    throw new FormatError(this.#entry(key), 'expected a whole number of at least 1, got 0');
  }

  /** Sizes of at least 1 for height and width: two of them, or one for both. */
  pair(key: string, missing?: readonly [number, number]): readonly [number, number] {
    const value = this.setting(key);
    if (!Array.isArray(value)) {
      if (value === undefined && missing) return missing;
      const size = this.size(key);
      return [size, size];
    }
    const [height = 0, width = 0, ...more] = value.map((item: Json) =>
      asCount(this.#entry(key), item),
    );
    if (height >= 1 && width >= 1 && more.length === 0) return [height, width];
    throw new FormatError(this.#entry(key), `expected two sizes, got ${show(value)}`);
  }

  /** Axes, from the back: -1 is the last of a shape that has the batch first. */
  axes(key: string, rank: number): number[] {
    const value = this.setting(key) ?? -1;
    const list = Array.isArray(value) ? asList(this.#entry(key), value) : [value];
    return list.map((axis) => {
      const whole = typeof axis === 'number' && Number.isInteger(axis);
      if (whole && axis >= -rank && axis <= rank) return axis > 0 ? axis - rank - 1 : axis;
      throw new FormatError(this.#entry(key), `expected an axis, got ${show(axis)}`);
    });
  }

  /** @throws {@link UnsupportedError} unless a setting has the value that lamella's layer has. */
  wants(key: string, wanted: Json): void {
    const value = this.setting(key);
    if (value === undefined || JSON.stringify(value) === JSON.stringify(wanted)) return;
    throw this.unsupported(`${key} must be ${JSON.stringify(wanted)}, got ${show(value)}`);
  }

  /** A setting that is a shape. */
  sizes(key: string): Shape {
    return asList(this.name, this.setting(key)).map((size) => asCount(this.name, size));
  }

  #entry(key: string): string {
    return `${this.name}: ${key}`;
  }
}
