import * as lamella from 'lamella';
import { createWorkerClient } from 'lamella/worker';
import { check, checkClient } from './check.mjs';

globalThis.result = (options) => check(lamella, options);
globalThis.inClient = (options) => checkClient(createWorkerClient, options);
