// Layers, losses, metrics and schedules of a user's own, which do whatever they like when called.
import { Layer, Loss, Metric, Schedule, tensor, zeros } from 'lamella';

/** Now and then something that a callback should not return. */
const answer = (world, right) => {
  const { random } = world;
  if (!random.chance(0.03)) return right();
  return random.pick([
    () => undefined,
    () => 5,
    () => world.anyTensor(),
    () => zeros([random.integer(0, 3), 2]),
    () => ({}),
  ])();
};

export const customLayer = (world, options = {}) => {
  class Own extends Layer {
    #weight = options.weighted ? { value: tensor([1]), gradient: zeros([1]) } : undefined;
    #mask = options.state ? tensor([0.5]) : undefined;

    get params() {
      world.act('params', 0.02);
      return this.#weight ? { w: this.#weight } : {};
    }

    get state() {
      return this.#mask ? { mask: this.#mask } : {};
    }

    set state(values) {
      super.state = values;
    }

    build(inputShape) {
      world.act('build', 0.05);
      super.build(inputShape);
    }

    forward(input) {
      world.seen(input);
      world.act('forward');
      return answer(world, () => (options.shares ? input : input?.clone?.()));
    }

    backward(gradient) {
      world.seen(gradient);
      world.act('backward');
      if (this.#weight) this.#weight.gradient.set([0.25]);
      return answer(world, () => (options.shares ? gradient : gradient?.clone?.()));
    }

    dispose() {
      world.act('dispose', 0.02);
    }
  }
  return new Own();
};

export const customLoss = (world) => {
  class OwnLoss extends Loss {
    value(output, expected) {
      world.seen(output);
      world.act('value');
      return answer(world, () => (output?.size ?? 0) + (expected?.size ?? 0));
    }

    gradient(output, expected) {
      world.seen(expected);
      world.act('gradient');
      return answer(world, () => zeros(output?.shape ?? [1]));
    }
  }
  return new OwnLoss();
};

export const customMetric = (world) =>
  new (class extends Metric {
    name = 'own';

    compute(predicted) {
      world.act('compute');
      return answer(world, () => predicted?.size ?? 0);
    }
  })();

export const customSchedule = (world) =>
  new (class extends Schedule {
    rate() {
      world.act('rate');
      return answer(world, () => 0.01);
    }

    getConfig() {
      return {};
    }
  })();
