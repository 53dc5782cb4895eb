import * as lamella from 'lamella';
import * as data from 'lamella/data';
import * as images from 'lamella/images';
import { check, checkBesides, checkGraph } from '../check.mjs';

globalThis.result = () => check(lamella, globalThis.lamellaOptions);
globalThis.withOthers = () => checkBesides(lamella, data, images, globalThis.lamellaOptions);
globalThis.graph = async () => checkGraph(await import('lamella/graph'), globalThis.lamellaOptions);
globalThis.ready = true;
