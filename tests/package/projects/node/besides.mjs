import * as lamella from 'lamella';
import * as data from 'lamella/data';
import * as images from 'lamella/images';
import { checkBesides } from '../check.mjs';

console.log(JSON.stringify(await checkBesides(lamella, data, images)));
