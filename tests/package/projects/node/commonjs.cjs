const lamella = require('lamella');

import('../check.mjs').then(async ({ check }) => {
  console.log(JSON.stringify(await check(lamella)));
});
