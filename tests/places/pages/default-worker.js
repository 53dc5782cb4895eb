import './answer.js';
import * as lamella from '/node_modules/lamella/dist/index.js';

globalThis.answerWith(lamella);
