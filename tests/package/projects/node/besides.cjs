const lamella = require('lamella');
const data = require('lamella/data');
const images = require('lamella/images');

if (!(data.fromArrays([[1]], [1]) instanceof lamella.ArrayDataset)) {
  throw new Error('fromArrays makes an ArrayDataset of another kind');
}

import('../check.mjs').then(async ({ checkBesides }) => {
  globalThis.console.log(JSON.stringify(await checkBesides(lamella, data, images)));
});
