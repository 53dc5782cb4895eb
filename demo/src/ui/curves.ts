import type { BatchPoint, Validation } from '../types.js';
import { Chart, type Sample, type Series } from './chart.js';
import { byId } from '../../shared/dom.js';
import { percent } from '../../shared/format.js';

/** Share of the old value in the running mean of a training curve. */
const smoothing = 0.9;

/** A running mean that starts at the first value. */
class Smoothed {
  #weight = 0;
  #sum = 0;

  add(value: number): number {
    this.#weight = this.#weight * smoothing + 1;
    this.#sum = this.#sum * smoothing + value;
    return this.#sum / this.#weight;
  }
}

function trainingSeries(): Series {
  return { colour: '--train', marks: false, points: [] };
}

function validationSeries(): Series {
  return { colour: '--test', marks: true, points: [] };
}

/** The curves of loss and accuracy. */
export class Curves {
  readonly #training = { loss: trainingSeries(), accuracy: trainingSeries() };
  readonly #validation = { loss: validationSeries(), accuracy: validationSeries() };
  #means = { loss: new Smoothed(), accuracy: new Smoothed() };

  readonly #loss = new Chart({
    canvas: byId('loss-chart', HTMLCanvasElement),
    range: (_, largest) => [0, largest > 0.5 ? Math.min(2.5, largest) : largest > 0 ? 0.5 : 2.5],
    format: (value) => value.toFixed(1),
    series: [this.#training.loss, this.#validation.loss],
  });
  readonly #accuracy = new Chart({
    canvas: byId('accuracy-chart', HTMLCanvasElement),
    range: () => [0, 1],
    format: (value) => percent(value, 0),
    series: [this.#training.accuracy, this.#validation.accuracy],
  });

  /** Starts anew, for a run of so many batches. */
  reset(steps: number): void {
    this.#means = { loss: new Smoothed(), accuracy: new Smoothed() };
    for (const { loss, accuracy } of [this.#training, this.#validation]) {
      loss.points = [];
      accuracy.points = [];
    }
    this.#loss.end = steps;
    this.#accuracy.end = steps;
    this.#update();
  }

  addBatches(points: readonly BatchPoint[]): void {
    const { loss, accuracy } = this.#training;
    for (const point of points) {
      loss.points.push(this.#smooth('loss', point));
      accuracy.points.push(this.#smooth('accuracy', point));
    }
    this.#update();
  }

  addValidation({ step, loss, accuracy }: Validation): void {
    this.#validation.loss.points.push({ x: step, y: loss });
    this.#validation.accuracy.points.push({ x: step, y: accuracy });
    this.#update();
    this.#describe(loss, accuracy);
  }

  #smooth(what: 'loss' | 'accuracy', point: BatchPoint): Sample {
    return { x: point.step, y: this.#means[what].add(point[what]) };
  }

  #update(): void {
    this.#loss.update();
    this.#accuracy.update();
  }

  /** In words, for those who do not see the curves. */
  #describe(loss: number, accuracy: number): void {
    const points = this.#validation.loss.points.length;
    const describe = (id: string, what: string, first: string, last: string) => {
      byId(id, HTMLCanvasElement).setAttribute(
        'aria-label',
        `${what} on images held back: ${first} at first, ${last} after ${String(points)} checks.`,
      );
    };
    const firstLoss = this.#validation.loss.points[0]?.y ?? loss;
    const firstAccuracy = this.#validation.accuracy.points[0]?.y ?? accuracy;
    describe('loss-chart', 'Loss', firstLoss.toFixed(2), loss.toFixed(2));
    describe('accuracy-chart', 'Accuracy', percent(firstAccuracy), percent(accuracy));
  }
}
