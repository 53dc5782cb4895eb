import * as lamella from 'lamella';
import * as data from 'lamella/data';
import * as images from 'lamella/images';
import { createWorkerClient } from 'lamella/worker';
import { checkBesides, checkClient } from './check.mjs';

globalThis.result = (options) => checkBesides(lamella, data, images, options);
globalThis.inClient = (options) => checkClient(createWorkerClient, options);
