import lamella = require('lamella');
import data = require('lamella/data');

async function main(): Promise<void> {
  const { threads } = await lamella.init();
  const sum: lamella.Tensor = lamella.tensor([1, 2]);
  const dataset: lamella.Dataset = data.fromArrays([[1], [2]], [0, 1]);
  if (dataset.length !== 2) throw new Error('length');
  console.log(JSON.stringify({ prediction: sum.size + 9, threads }));
}

void main();
