import { createWorkerClient } from 'lamella/worker';
import { checkClient } from './check.mjs';

console.log(JSON.stringify(await checkClient(createWorkerClient)));
