/**
 * Every project does this with the package: trains a layer until it has found
 * y = 2 a + 3 b + 1, and tells what it predicts for a = b = 2, which is 11, once it has been saved
 * and loaded.
 */
export async function check(lamella, options) {
  const { Dense, FormatError, init, loadNpz, Model, MSE, saveNpz, SGD, tensor } = lamella;
  const { variant, threads, reason } = await init(options);
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }),
    seed: 1,
  });
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([[1], [4], [3], [6]]);
  if ('performance' in globalThis) await model.train(x, y, { epochs: 400, batchSize: 4 });
  // Audio worklets have no clock, which train() reads.
  else for (let step = 0; step < 400; step++) model.trainBatch(x, y);
  const bytes = await saveNpz(model);
  // An error of the file that knows the formats, whose classes a bundler may have renamed.
  const error = await loadNpz(bytes.subarray(1)).catch((reason) => reason);
  if (!(error instanceof FormatError)) throw new Error(`expected a FormatError, got ${error}`);
  const [prediction] = (await loadNpz(bytes)).predict(tensor([[2, 2]])).toArray();
  return { prediction, variant, threads, reason };
}

/** The same with a table, by lamella/data. */
async function checkData(lamella, { fromCsv, split }, options) {
  const { Dense, FormatError, init, Model, MSE, SGD } = lamella;
  const { variant, threads, reason } = await init(options);
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }),
    seed: 1,
  });
  const data = await fromCsv('a,b,y\n0,0,1\n0,1,4\n1,0,3\n1,1,6\n', { label: 'y' });
  await model.train(data, { epochs: 400, batchSize: 4 });
  if (split(data, 0.5)[1].length !== 2) throw new Error('expected a half');
  // An error of the one entry is of the classes of the other.
  const error = await fromCsv('a,b\n1,x,2\n', { label: 'a' }).catch((reason) => reason);
  if (!(error instanceof FormatError)) throw new Error(`expected a FormatError, got ${error}`);
  const [prediction] = model.predict([[2, 2]]).toArray();
  return { prediction, variant, threads, reason };
}

/** The same, and what lamella/data and lamella/images do beside it. */
export async function checkBesides(lamella, data, { imageTensor }, options) {
  await checkData(lamella, data, options);
  const picture = { data: Uint8Array.of(255, 0), width: 2, height: 1 };
  const grey = await imageTensor(picture, { size: 1, channels: 1 });
  const isOne = grey instanceof lamella.Tensor && grey.toArray()[0] === 0.5;
  if (!isOne) throw new Error(`expected a tensor of 0.5, got ${grey}`);
  return check(lamella, options);
}

/** The same by lamella/graph, as a graph of two inputs. */
export async function checkGraph(graph, options) {
  const { Add, Dense, init, input, loadNpz, Model, MSE, saveNpz, SGD } = graph;
  const { variant, threads, reason } = await init(options);
  const [a, b] = [input(1, { name: 'a' }), input(1, { name: 'b' })];
  const outputs = new Add().apply([new Dense(1).apply(a), new Dense(1, { noBias: true }).apply(b)]);
  const model = new Model(
    { inputs: { a, b }, outputs },
    { loss: new MSE(), optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }) },
  );
  const x = { a: [[0], [0], [1], [1]], b: [[0], [1], [0], [1]] };
  await model.train(x, [[1], [4], [3], [6]], { epochs: 400, batchSize: 4 });
  const loaded = await loadNpz(await saveNpz(model));
  const [prediction] = loaded.predict({ a: [[2]], b: [[2]] }).toArray();
  return { prediction, variant, threads, reason };
}

/** The same off the main thread. */
export async function checkClient(createWorkerClient, options) {
  const client = await createWorkerClient(options);
  const model = await client.model([{ type: 'Dense', outputSize: 1, inputSize: 2 }], {
    loss: { type: 'MSE' },
    optimizer: { type: 'SGD', learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
    seed: 1,
  });
  const x = new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]);
  await model.train(x, new Float32Array([1, 4, 3, 6]), { epochs: 400, batchSize: 4 });
  const { data } = await model.predict(new Float32Array([2, 2]));
  const error = await client.loadNpz(new Uint8Array(9)).catch((reason) => reason);
  if (error.name !== 'FormatError' || error.entry === undefined) throw error;
  const { variant, threads, reason } = client.runtimeInfo;
  client.dispose();
  return { prediction: data[0], variant, threads, reason };
}
