import { createWorkerClient } from 'lamella/worker';
import { checkClient } from '../check.mjs';

globalThis.result = () => checkClient(createWorkerClient);
globalThis.ready = true;
