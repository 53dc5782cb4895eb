import { check } from './check.mjs';
import * as lamella from '/node_modules/lamella/dist/module.js';

class Learner extends AudioWorkletProcessor {
  constructor({ processorOptions: { module } }) {
    super();
    check(lamella, { module }).then(
      (found) => this.port.postMessage(found),
      (error) => this.port.postMessage({ error: `${error}\n${error.stack}` }),
    );
  }

  process() {
    return true;
  }
}
registerProcessor('module', Learner);
