const lamella = require('lamella');
const data = require('lamella/data');

if (!(data.fromArrays([[1]], [1]) instanceof lamella.ArrayDataset)) {
  throw new Error('fromArrays makes an ArrayDataset of another kind');
}

import('../check.mjs').then(async ({ checkData }) => {
  globalThis.console.log(JSON.stringify(await checkData(lamella, data)));
});
