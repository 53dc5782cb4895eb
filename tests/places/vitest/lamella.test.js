import * as lamella from 'lamella';
import { expect, test } from 'vitest';
import { check } from './check.mjs';

test('learns', async () => {
  expect((await check(lamella)).prediction).toBeCloseTo(11, 3);
});
