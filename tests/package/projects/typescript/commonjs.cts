import lamella = require('lamella');

async function main(): Promise<void> {
  const { threads } = await lamella.init();
  const sum: lamella.Tensor = lamella.tensor([1, 2]);
  console.log(JSON.stringify({ prediction: sum.size + 9, threads }));
}

void main();
