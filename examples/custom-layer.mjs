// A layer of one's own, with a parameter that the optimizer trains: Snake (Ziyin, Hartwig, Ueda,
// "Neural networks fail to learn periodic functions and how to fix it", 2020),
// y = x + sin(a x)^2 / a, with a learned for each feature.
//
//   node examples/custom-layer.mjs
import {
  Adam,
  Dense,
  init,
  Layer,
  loadNpz,
  Model,
  MSE,
  registerLayer,
  saveNpz,
  tensor,
  zeros,
} from 'lamella';

class Snake extends Layer {
  // Called once, when the shape of a sample is known.
  build(inputShape) {
    super.build(inputShape);
    const shape = [1, ...inputShape];
    this.frequency = { value: zeros(shape), gradient: zeros(shape) };
    this.frequency.value.view().fill(8); // a few waves over the inputs, as the paper advises
  }

  // The optimizer changes these, and files hold them.
  get params() {
    return { frequency: this.frequency };
  }

  forward(input) {
    const [x, a] = [input.toArray(), this.frequency.value.toArray()];
    this.last = { x, a };
    const y = x.map((value, i) => value + Math.sin(a[i % a.length] * value) ** 2 / a[i % a.length]);
    return tensor(y, input.shape);
  }

  // From the gradient of the output to that of the input; parameters' gradients are stored.
  backward(outputGradient) {
    const { x, a } = this.last;
    const slopes = new Float32Array(a.length);
    const inputGradient = outputGradient.toArray().map((g, i) => {
      const f = a[i % a.length];
      const sine2 = Math.sin(2 * f * x[i]);
      slopes[i % a.length] += g * ((x[i] * sine2) / f - (Math.sin(f * x[i]) / f) ** 2);
      return g * (1 + sine2);
    });
    this.frequency.gradient.set(slopes);
    return tensor(inputGradient, outputGradient.shape);
  }
}

await init();

// Ten waves; the last two are for the test: no layer without a wave of its own would go on with one.
const wave = (from, to) => {
  const x = Array.from({ length: 50 * (to - from) }, (_, i) => [from + i / 50]);
  return { x: tensor(x), y: tensor(x.map(([t]) => [Math.sin(2 * Math.PI * t)])) };
};
const [train, test] = [wave(-4, 4), wave(4, 6)];

const model = new Model([new Dense(32, { inputSize: 1 }), new Snake(), new Dense(1)], {
  loss: new MSE(),
  optimizer: new Adam({ learningRate: 0.01 }),
  seed: 3,
});
await model.train(train.x, train.y, { epochs: 400, batchSize: 50 });
console.log('test loss', model.evaluate(test.x, test.y).loss.toFixed(4), '(a flat line has 0.5)');

// A file names the class; whoever loads it says how to make one.
registerLayer('Snake', () => new Snake());
const loaded = await loadNpz(await saveNpz(model));
console.log('loaded from a file', loaded.evaluate(test.x, test.y).loss.toFixed(4));
