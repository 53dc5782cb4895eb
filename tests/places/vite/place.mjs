export const shared = 'page';
export { rows } from './rows.mjs';
