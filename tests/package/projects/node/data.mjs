import * as lamella from 'lamella';
import * as data from 'lamella/data';
import { checkData } from '../check.mjs';

console.log(JSON.stringify(await checkData(lamella, data)));
