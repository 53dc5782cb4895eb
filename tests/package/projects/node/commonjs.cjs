const lamella = require('lamella');

import('../check.mjs').then(async ({ check }) => {
  globalThis.console.log(JSON.stringify(await check(lamella)));
});
