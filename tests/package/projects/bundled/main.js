import * as lamella from 'lamella';
import * as data from 'lamella/data';
import { check, checkData } from '../check.mjs';

globalThis.result = () => check(lamella, globalThis.lamellaOptions);
globalThis.withData = () => checkData(lamella, data, globalThis.lamellaOptions);
globalThis.ready = true;
