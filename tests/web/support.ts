// What the tests share.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import { type Layer, LamellaError, type Shape, Tensor, tensor } from 'lamella';

const root = join(import.meta.dirname, '../..');

export type ErrorClass = abstract new (...values: never[]) => Error;

/** What `body` throws or rejects with; fails when it does neither. */
export async function rejection(body: () => unknown): Promise<unknown> {
  try {
    await body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Checks that `body` throws this kind of LamellaError, whose message holds all `parts`. */
export function expectError(
  body: () => unknown,
  kind: ErrorClass,
  ...parts: readonly string[]
): void {
  let error: unknown;
  try {
    body();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(kind);
  expect(error).toBeInstanceOf(LamellaError);
  expect((error as Error).name).toBe(kind.name);
  for (const part of parts) expect((error as Error).message).toContain(part);
}

/** Numbers from -1 to 1 that look random and are the same every time. */
export function numbers(count: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
}

/** A tensor of such numbers. */
export function noise(shape: Shape, seed = 1): Tensor {
  return tensor(
    numbers(
      shape.reduce((product, dim) => product * dim, 1),
      seed,
    ),
    shape,
  );
}

/** The elements as plain numbers, which Jest prints well. */
export function values(t: Tensor): number[] {
  return Array.from(t.view());
}

/** All parameter values of a layer, copied. */
export function paramValues(layer: Layer): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(layer.params).map(([name, { value }]) => [name, values(value)]),
  );
}

/**
 * Runs a module in a Node process of its own, where 'lamella' is not loaded yet.
 * @returns What it passes to `report`, which is there for it to call.
 */
export async function runInNode(source: string, flags: readonly string[] = []): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...flags,
      '--input-type=module',
      '--eval',
      `const report = (value) => console.log('report:' + JSON.stringify(value));\n${source}`,
    ],
    { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('report:'));
  if (line === undefined) throw new Error(`no report in: ${stdout}`);
  return JSON.parse(line.slice('report:'.length));
}
