import lamella = require('lamella');
import data = require('lamella/data');
import images = require('lamella/images');

async function main(): Promise<void> {
  const { threads } = await lamella.init();
  const sum: lamella.Tensor = lamella.tensor([1, 2]);
  const dataset: lamella.Dataset = data.fromArrays([[1], [2]], [0, 1]);
  if (dataset.length !== 2) throw new Error('length');
  const picture: images.ImageSource = { data: new Uint8Array(4), width: 2, height: 2 };
  const made: lamella.Tensor = await images.imageTensor(picture, { size: [1, 2], channels: 1 });
  if (made.size !== 2) throw new Error('size');
  console.log(JSON.stringify({ prediction: sum.size + 9, threads }));
}

void main();
