import * as lamella from 'lamella';
import { check } from '../check.mjs';

globalThis.result = () => check(lamella, globalThis.lamellaOptions);
globalThis.ready = true;
