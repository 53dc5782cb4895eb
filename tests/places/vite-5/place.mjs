export const shared = 'page';
export { rows } from '../vite/rows.mjs';
