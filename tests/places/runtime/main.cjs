/* global console */
const lamella = require('lamella');

async function main() {
  const { check } = await import('./check.mjs');
  console.log(JSON.stringify(await check(lamella)));
}

main();
