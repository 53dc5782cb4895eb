import * as lamella from 'lamella';
import { check } from '../../check.mjs';

export default async function handler(request, response) {
  response.json(await check(lamella));
}
