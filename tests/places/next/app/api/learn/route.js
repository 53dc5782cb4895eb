import * as lamella from 'lamella';
import { check } from '../../../check.mjs';

export const dynamic = 'force-dynamic';
export async function GET() {
  return Response.json(await check(lamella));
}
