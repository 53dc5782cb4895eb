// How far does a car of the 1970s go on a gallon? Regression on a table of numbers.
//
//   node examples/regression.mjs
import { readFile } from 'node:fs/promises';
import { AdamW, Dense, init, MAE, Model, MSE, R2Score, Swish, tensor } from 'lamella';

await init();

// 392 cars, each a line: miles per gallon, then what is known of the car.
const table = await readFile(new URL('auto-mpg.csv', import.meta.url), 'utf8');
const cars = table
  .trim()
  .split('\n')
  .slice(1) // the names of the columns
  .map((line) => {
    const [mpg, cylinders, displacement, horsepower, weight, acceleration, year, origin] =
      line.split(',');
    // A category becomes a column of zeros and ones for each of its values.
    const origins = ['USA', 'Europe', 'Japan'].map((name) => Number(name === origin));
    const numbers = [cylinders, displacement, horsepower, weight, acceleration, year].map(Number);
    return { features: [...numbers, ...origins], mpg: Number(mpg) };
  });

// Every fifth car is kept for the test: the table is ordered by year, so both parts have all years.
const train = cars.filter((_, i) => i % 5 !== 0);
const test = cars.filter((_, i) => i % 5 === 0);

// Networks learn best from columns of mean 0 and deviation 1. What these are is learned from the
// training cars alone, as in life, where the others are yet to come.
const columns = train[0].features.map((_, column) => {
  const values = train.map(({ features }) => features[column]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
});
const inputs = (some) =>
  tensor(
    some.map(({ features }) =>
      features.map((value, i) => (value - columns[i].mean) / columns[i].deviation),
    ),
  );
const outputs = (some) => tensor(some.map(({ mpg }) => [mpg]));

const model = new Model(
  [
    new Dense(32, { inputSize: columns.length }),
    new Swish(),
    new Dense(16),
    new Swish(),
    new Dense(1),
  ],
  { loss: new MSE(), optimizer: new AdamW({ learningRate: 0.01 }), seed: 1 },
);
await model.train(inputs(train), outputs(train), { epochs: 100, batchSize: 32 });

const { metrics } = model.evaluate(inputs(test), outputs(test), {
  metrics: [new MAE(), new R2Score()],
});
console.log(metrics);
const guesses = model.predict(inputs(test.slice(0, 5))).toArray();
test.slice(0, 5).forEach(({ mpg }, i) => {
  console.log(`a car that goes ${mpg} miles: the model says ${guesses[i].toFixed(1)}`);
});
