// A tensor and a model that no case touches are looked at after each, since a case that writes where it
// must not changes them.
import { Dense, Model, ReLU, tensor } from 'lamella';

/** Makes them, and returns a function that throws when they have changed. */
export function makeCanaries() {
  const numbers = Float32Array.from({ length: 300 }, (_, i) => i / 7);
  const untouched = tensor(numbers);
  const model = new Model([new Dense(8, { inputSize: 4 }), new ReLU(), new Dense(2)], { seed: 3 });
  const x = tensor([0.5, -1, 0.25, 2], [1, 4]);
  const predict = () => {
    const y = model.predict(x);
    const values = y.toArray();
    y.dispose();
    return values;
  };
  const right = predict();
  return () => {
    const now = untouched.view();
    if (numbers.some((value, i) => value !== now[i])) {
      throw corruption('an untouched tensor has changed');
    }
    if (predict().some((value, i) => value !== right[i])) {
      throw corruption('the reference model predicts otherwise');
    }
  };
}

/** The error for it, after which nothing in the process can be trusted. */
export function corruption(what) {
  return Object.assign(new Error(`corruption: ${what}`), { fatal: true });
}
