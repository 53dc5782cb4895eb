import * as lamella from 'lamella';
import { check } from '../../check.mjs';

export const dynamic = 'force-dynamic';
export default async function Page() {
  return <p id="found">{JSON.stringify(await check(lamella))}</p>;
}
