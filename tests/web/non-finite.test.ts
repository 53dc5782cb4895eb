// NaN and infinity in data, loss or weights end a training.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  BatchNormalization,
  Dense,
  init,
  Loss,
  Model,
  MSE,
  ReLU,
  SGD,
  type Tensor,
  tensor,
  ValueError,
} from 'lamella';
import { expectRejection, rejection } from './support.js';

beforeAll(() => init());

const line = (learningRate = 0.1, loss: Loss = new MSE()): Model =>
  new Model([new Dense(2, { inputSize: 1 }), new ReLU(), new Dense(1)], {
    loss,
    optimizer: new SGD({ learningRate }),
  });
const rows = Array.from({ length: 8 }, (_, i) => [i / 8]);

describe.each([NaN, Infinity, -Infinity])('%p', (value) => {
  test('in the data is found there', async () => {
    const wrong = [...rows.slice(0, 7), [value]];
    // Rectified it may be no more than a gradient, which the epoch's end finds.
    const options = { batchSize: 4, shuffle: false };
    await expectRejection(
      () => line().train(wrong, rows, options),
      ValueError,
      'Model.train: epoch 1, batch 2: NaN or infinity in x;',
      "onNonFinite: 'continue'",
    );
    await expectRejection(
      () => line().train(rows, wrong, options),
      ValueError,
      'epoch 1, batch 2: NaN or infinity in y;',
    );
  });

  test('in the loss alone is found there', async () => {
    class Told extends Loss {
      override value(): number {
        return value;
      }
      override gradient(output: Tensor): Tensor {
        const zero = output.clone();
        zero.view().fill(0);
        return zero;
      }
    }
    await expectRejection(
      () => line(0.1, new Told()).train(rows, rows),
      ValueError,
      'epoch 1, batch 1: NaN or infinity in the loss;',
    );
  });

  test('in a weight is found in the first layer that has it', async () => {
    const model = line(0);
    const second = model.layers[2] as Dense;
    second.biases?.set([value]);
    await expectRejection(
      () => model.train(rows, rows, { epochs: 2 }),
      ValueError,
      'epoch 1, batch 1: NaN or infinity in param biases of layer 2 (Dense);',
    );
  });

  test('does not end it when it shall go on, and is told as it is', async () => {
    const wrong = [...rows.slice(0, 7), [value]];
    const results = await line().train(wrong, rows, { epochs: 2, onNonFinite: 'continue' });
    expect(results).toHaveLength(2);
    expect(Number.isFinite(results[1]?.loss)).toBe(false);
  });

  test('in what is validated on is told, and ends nothing', async () => {
    const validationData = { x: rows, y: [...rows.slice(0, 7), [value]] };
    const [result] = await line().train(rows, rows, { validationData });
    expect(result).toHaveProperty('validationLoss');
    expect(result?.validationLoss).toBe(Number.isNaN(value) ? NaN : Infinity);
    expect(result?.best).toBe(false);
  });
});

test('weights that the last step of an epoch made infinite are found at its end', async () => {
  const model = line(3e38);
  const start = 'Model.train: epoch 1, batch 1: NaN or infinity in param ';
  const error = (await rejection(() => model.train([[1e4]], [[1e8]]))) as Error;
  expect(error).toBeInstanceOf(ValueError);
  expect(error.message).toContain(start);
});

test('running statistics that are not finite are found as well', async () => {
  const model = new Model([new BatchNormalization({ inputShape: [1] }), new Dense(1)], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0 }),
  });
  const norm = model.layers[0] as BatchNormalization;
  norm.state = { cache_m: [[Infinity]] };
  await expectRejection(
    () => model.train(tensor(rows), tensor(rows)),
    ValueError,
    'state cache_m of layer 0 (BatchNormalization)',
  );
});
