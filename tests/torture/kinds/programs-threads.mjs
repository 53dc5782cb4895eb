// The same programs on the variant with threads.
import { prepare as prepareWith } from './programs.mjs';

export const prepare = (seed) => prepareWith(seed, { variant: 'threads', threads: 2 });
