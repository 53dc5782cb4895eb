// A worker's side of module.js, for scripts and modules: answers with what `learn(lamella)` gives.
globalThis.learn = async ({ Dense, init, loadNpz, Model, MSE, saveNpz, SGD, tensor }) => {
  const { variant } = await init();
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 }),
    seed: 1,
  });
  const x = tensor(new Uint8ClampedArray([0, 0, 0, 1, 1, 0, 1, 1]), [4, 2]);
  await model.train(x, tensor([[1], [4], [3], [6]]), { epochs: 400, batchSize: 4 });
  const saved = await loadNpz(await saveNpz(model));
  return { prediction: saved.predict(tensor([[2, 2]])).toArray()[0], variant };
};
globalThis.answerWith = (lamella, learn = globalThis.learn) => {
  const answer = async ({ ports: [port], target }) => {
    const to = port ?? target;
    to.postMessage(await learn(lamella).catch((error) => ({ error: String(error) })));
  };
  addEventListener('message', answer);
  addEventListener('connect', ({ ports: [page] }) => (page.onmessage = answer));
};
