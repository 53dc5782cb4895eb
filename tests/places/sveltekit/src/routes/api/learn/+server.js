import { json } from '@sveltejs/kit';
import * as lamella from 'lamella';
import { check } from '../../../../check.mjs';

export async function GET() {
  return json(await check(lamella));
}
