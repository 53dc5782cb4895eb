/* global console */
const lamella = require('lamella');
const data = require('lamella/data');
const images = require('lamella/images');

async function main() {
  const { checkBesides } = await import('./check.mjs');
  console.log(JSON.stringify(await checkBesides(lamella, data, images)));
}

main();
