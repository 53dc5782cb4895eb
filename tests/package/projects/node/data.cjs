const lamella = require('lamella');
const data = require('lamella/data');

import('../check.mjs').then(async ({ checkData }) => {
  globalThis.console.log(JSON.stringify(await checkData(lamella, data)));
});
