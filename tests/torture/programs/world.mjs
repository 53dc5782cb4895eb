// The objects of one random program, and what callbacks do to them.
import { Tensor, tensor, zeros } from 'lamella';
import { corruption } from '../canaries.mjs';
import { checkError, Thrown } from '../outcome.mjs';
import { operations } from './operations.mjs';

const most = 24;

function add(list, item, random) {
  if (list.length < most) list.push(item);
  else list[random.integer(0, most - 1)] = item;
}

/** Copies of all weights and states of the engine's layers, of those that have any yet. */
function weightsOf(layers) {
  const weights = new Map();
  for (const layer of layers) {
    if (layer.type === 'Own') continue;
    try {
      const params = Object.values(layer.params).map(({ value }) => value);
      const tensors = [...params, ...Object.values(layer.state)];
      weights.set(
        layer,
        tensors.map((each) => each.toArray()),
      );
    } catch {
      // Not built, or freed.
    }
  }
  return weights;
}

function checkSame(before, after, call) {
  for (const [layer, arrays] of before) {
    const now = after.get(layer);
    const same =
      now && arrays.every((array, i) => array.every((x, k) => Object.is(x, now[i]?.[k])));
    if (!same) throw new Error(`${call}: has failed and changed the weights of a ${layer.type}`);
  }
}

export class World {
  tensors = [];
  layers = [];
  models = [];
  losses = [];
  optimizers = [];
  metrics = [];
  files = [];
  /** The names of all calls, for the report of a finding. */
  trace = [];
  /** The number of callbacks that did something but throw. */
  #acts = 0;
  #made = new Set();
  #depth = 0;
  #pending = [];
  /** The first wrong error inside a callback, which the engine may have swallowed. */
  wrong;

  constructor(random, custom) {
    this.random = random;
    /** Whether the program has classes of its own and shares layers. */
    this.custom = custom;
    this.canaries = Array.from({ length: 4 }, () => this.#canary());
    this.keep('tensors', zeros([2, 3]));
  }

  #canary() {
    const numbers = this.random.numbers(this.random.integer(1, 300));
    return { numbers, tensor: tensor(numbers) };
  }

  /** Remembers something made. */
  keep(list, item) {
    this.#made.add(item);
    add(this[list], item, this.random);
    return item;
  }

  /** A tensor that a callback was given. */
  seen(item) {
    if (item instanceof Tensor && this.random.chance(0.2)) add(this.tensors, item, this.random);
  }

  any = (list) => (list.length === 0 ? undefined : this.random.pick(list));
  anyTensor = () => this.any(this.tensors);
  anyLayer = () => this.any(this.layers);
  anyModel = () => this.any(this.models);

  /** A promise of which the program waits for the end later. */
  later(call, promise) {
    this.#pending.push(
      promise.then(
        () => undefined,
        (error) => this.#judge(error, call),
      ),
    );
  }

  #judge(error, call) {
    try {
      checkError(error, call);
    } catch (wrong) {
      this.wrong ??= wrong;
    }
  }

  /** Lets a callback do anything public now and then, with what is in use. */
  act(place, probability = 0.15) {
    const { random } = this;
    if (!this.custom || this.#depth >= 2 || !random.chance(probability)) return;
    this.trace.push(`in ${place}:`);
    if (random.chance(0.1)) throw new Thrown();
    this.#acts++;
    this.#depth++;
    try {
      const result = this.run();
      if (result instanceof Promise) this.later(place, result);
    } catch (error) {
      this.#judge(error, `in ${place}`);
      // Some callbacks let the error pass on, some catch it.
      if (random.chance(0.3)) throw error;
    } finally {
      this.#depth--;
    }
  }

  /** Calls one random operation. */
  run() {
    const [name, operation] = this.random.pick(operations);
    this.trace.push(name);
    return operation(this);
  }

  /** `weightsOf` of layers, whose own classes do nothing meanwhile. */
  #weightsOf(layers) {
    const { custom } = this;
    this.custom = false;
    const weights = weightsOf(layers);
    this.custom = custom;
    return weights;
  }

  /** One operation of the program itself, which changes no weights when it fails. */
  async step() {
    const watched = this.random.chance(0.3) && this.#pending.length === 0;
    const before = watched ? this.#weightsOf(this.layers) : undefined;
    const [acts, begin] = [this.#acts, this.trace.length];
    try {
      await this.run();
    } catch (error) {
      checkError(error, this.trace.at(-1));
      // A training keeps the steps that it has taken, and what is half disposed of is gone.
      const alone = acts === this.#acts && !/^(train$|dispose)/.test(this.trace[begin]);
      if (before && alone) checkSame(before, this.#weightsOf(before.keys()), this.trace[begin]);
    }
    if (this.wrong) throw this.wrong;
  }

  async settle() {
    // Pending ones may add others.
    while (this.#pending.length > 0) await Promise.all(this.#pending.splice(0));
    if (this.wrong) throw this.wrong;
  }

  /** Throws where memory that nobody touched has changed. */
  checkCanaries() {
    for (const { numbers, tensor } of this.canaries) {
      const now = tensor.view();
      if (tensor.size !== numbers.length || numbers.some((value, i) => value !== now[i])) {
        throw corruption('an untouched tensor of the program has changed');
      }
    }
  }

  dispose() {
    this.custom = false;
    for (const { tensor } of this.canaries) tensor.dispose();
    for (const item of this.#made) {
      try {
        item?.dispose?.();
      } catch (error) {
        checkError(error, 'dispose');
      }
    }
  }
}
