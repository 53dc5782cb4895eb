import './answer.js';
import * as lamella from '/node_modules/lamella/dist/static.js';

globalThis.answerWith(lamella);
