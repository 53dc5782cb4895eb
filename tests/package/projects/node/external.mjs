import * as lamella from 'lamella/external';
import { check } from '../check.mjs';

console.log(JSON.stringify(await check(lamella)));
