import { axisOf } from './axis.js';
import { type ArgumentNames, Registry, type TypeName, typeOf } from './registry.js';
import { checkArray, checkOptions, having, reject, wholeNumber } from './runtime/checks.js';
import { BuiltInLoss, type Loss } from './losses.js';
import { ShapeError, ValueError, showShape } from './runtime/errors.js';
import { sizeOf } from './shape.js';
import { nativeTensor, type Tensor } from './tensor.js';

/**
 * A number that says how good predictions are. Usable on its own, in
 * {@link Model.evaluate} and in {@link Model.train}; a class of your own that
 * extends this one works there too.
 */
export abstract class Metric {
  /** Name of the class as data. */
  static readonly type?: string;

  /** The arguments that the constructor takes before the options. */
  static readonly positional?: readonly string[];

  /** Its name in results. Default: the class's type. */
  readonly name: string = typeOf(this);

  /** @throws {@link ValueError} for an option: there are none but those of a class of your own. */
  constructor(options: object = {}) {
    // A description of a metric has its type.
    checkOptions<{ type?: string }>('Metric', options, { type: () => undefined });
  }

  /**
   * @param predicted - Predictions [n, outputs]: probabilities for metrics about classes, for which
   * each step of sequences [n, time, outputs] and each pixel of images [n, outputs, height, width] is
   * a sample.
   * @param expected - What they should be, in the same shape; metrics about classes also take class
   * numbers [n] or [n, 1], [n, time], [n, height, width].
   * @param axis - Index within a sample of the axis of the classes, if it is another one: in a model
   * that of its loss.
   * @throws {@link ShapeError} when the two do not fit.
   */
  abstract compute(predicted: Tensor, expected: Tensor, axis?: number): number;
}

const isMetric = /* @__PURE__ */ having('a Metric', 'compute');

/** Throws unless these are metrics of different names. */
export function checkMetrics(what: string, metrics: unknown): void {
  checkArray(what, metrics);
  const names = new Set();
  for (const [i, metric] of metrics.entries()) {
    isMetric(`${what}[${i}]`, metric);
    const name: unknown = (metric as Metric).name;
    if (typeof name !== 'string') reject(`${what}[${i}]: name`, 'a string', name);
    names.add(name);
  }
  if (names.size < metrics.length) throw new ValueError(`${what} must have names of their own`);
}

/** The values of metrics by their names. */
export function computeAll(
  metrics: readonly Metric[],
  predicted: Tensor,
  expected: Tensor,
  loss: Loss | undefined,
): Record<string, number> {
  const { axis } = (loss instanceof BuiltInLoss ? loss.native.getConfig() : {}) as {
    axis?: number;
  };
  const values = metrics.map((metric) => {
    const value: unknown = metric.compute(predicted, expected, axis);
    if (typeof value !== 'number') reject(`${metric.name}: compute()`, 'a number', value);
    return [metric.name, value] as const;
  });
  return Object.fromEntries(values);
}

/** Throws unless both are tensors that were not disposed of. */
function checkTensors(what: string, predicted: Tensor, expected: Tensor): void {
  nativeTensor(`${what}: predicted`, predicted);
  nativeTensor(`${what}: expected`, expected);
}

function shapeError(what: string, predicted: Tensor, expected: Tensor): ShapeError {
  return new ShapeError(
    `${what}: predictions ${showShape(predicted.shape)} and expected outputs ` +
      `${showShape(expected.shape)} do not fit together`,
  );
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const square = (value: number): number => value * value;

/** The differences predicted - expected of matrices [n, outputs], and n. */
function differences(
  what: string,
  predicted: Tensor,
  expected: Tensor,
): { rows: number; values: number[] } {
  checkTensors(what, predicted, expected);
  const [rows = 0] = predicted.shape;
  if (rows === 0 || predicted.shape.join() !== expected.shape.join()) {
    throw shapeError(what, predicted, expected);
  }
  const wanted = expected.view();
  return {
    rows,
    values: Array.from(predicted.view(), (value, i) => value - (wanted[i] as number)),
  };
}

/**
 * Root mean squared error: sqrt(sum (p - y)^2 / n), summed over outputs and samples (Bishop,
 * "Pattern recognition and machine learning", 2006, section 1.1, there with n outputs of one).
 */
export class RMSE extends Metric {
  static override readonly type: TypeName<'RMSE'> = 'RMSE';

  override compute(predicted: Tensor, expected: Tensor): number {
    const { rows, values } = differences(this.name, predicted, expected);
    return Math.sqrt(sum(values.map(square)) / rows);
  }
}

/**
 * Mean absolute error: sum |p - y| / n, summed over outputs and samples (Willmott, Matsuura,
 * "Advantages of the mean absolute error …", 2005, equation 1).
 */
export class MAE extends Metric {
  static override readonly type: TypeName<'MAE'> = 'MAE';

  override compute(predicted: Tensor, expected: Tensor): number {
    const { rows, values } = differences(this.name, predicted, expected);
    return sum(values.map(Math.abs)) / rows;
  }
}

/**
 * Coefficient of determination: 1 - sum (p - y)^2 / sum (y - mean(y))^2, one
 * ratio over all outputs, each with its own mean (Draper, Smith, "Applied
 * regression analysis", 1998). NaN or -Infinity where y does not vary.
 */
export class R2Score extends Metric {
  static override readonly type: TypeName<'R2Score'> = 'R2Score';

  override compute(predicted: Tensor, expected: Tensor): number {
    const { rows, values } = differences(this.name, predicted, expected);
    const wanted = Array.from(expected.view());
    const outputs = values.length / rows;
    const means = new Float64Array(outputs);
    wanted.forEach((value, i) => {
      means[i % outputs] = (means[i % outputs] as number) + value / rows;
    });
    const total = sum(wanted.map((value, i) => square(value - (means[i % outputs] as number))));
    return 1 - sum(values.map(square)) / total;
  }
}

/**
 * Results of `use` for the numbers of each sample, step or pixel, those along the axis of the classes.
 * They stand in one array, which the next ones overwrite: images have millions of pixels.
 */
function mapRows<Result>(
  tensor: Tensor,
  axis: number,
  use: (row: Float32Array, n: number) => Result,
): Result[] {
  const [columns = 0, ...others] = tensor.shape.slice(axis + 1);
  const inner = sizeOf(others);
  const values = tensor.view();
  const row = new Float32Array(columns);
  return Array.from({ length: values.length / columns }, (_, n) => {
    const first = (n - (n % inner)) * columns + (n % inner);
    for (let c = 0; c < columns; c++) row[c] = values[first + c * inner] as number;
    return use(row, n);
  });
}

/** 1 for a yes, which is above 0.5, and 0 for a no; NaN is neither. */
const toLabel = (value: number): number => (Number.isNaN(value) ? NaN : Number(value > 0.5));

/**
 * The class of a sample: the place of the greatest number, the first one among equals. One with NaN
 * is of none: NaN.
 */
function classOf(row: Float32Array): number {
  if (row.some(Number.isNaN)) return NaN;
  return row.reduce((best, value, i) => (value > (row[best] as number) ? i : best), 0);
}

/** Classes of samples (or steps, or pixels); where these have several labels, of all outputs. */
interface Classes {
  /** Index within a sample of the axis that they are along. */
  readonly axis: number;
  /** How many there are. */
  readonly count: number;
  /** Whether they are no and yes, of which yes alone is scored. */
  readonly positive: boolean;
  readonly expected: number[];
  /** NaN where a sample is of none. */
  readonly predicted: number[];
}

/**
 * The classes of predictions, and of what they should be: rows in the same shape, or class numbers
 * in that shape without its axis of classes. Samples have several labels, or none, where a row does
 * not sum to 1.
 *
 * @param single - Whether that is an error.
 */
function classesOf(
  what: string,
  predicted: Tensor,
  expected: Tensor,
  given: number | undefined,
  single = false,
): Classes {
  checkTensors(what, predicted, expected);
  const [samples = 0, ...sample] = predicted.shape;
  const axis = axisOf(sample, given);
  const outputs = sample[axis];
  if (outputs === undefined) {
    reject(`${what}: axis`, `one of samples ${showShape(sample)}`, given, 'number');
  }
  const hasRows = expected.shape.join() === predicted.shape.join();
  const numbers = [samples, ...sample.filter((_, i) => i !== axis)].join();
  const column = [samples, ...sample.map((size, i) => (i === axis ? 1 : size))].join();
  const fits = hasRows || [numbers, column].includes(expected.shape.join());
  if (!fits || outputs === 0 || predicted.size === 0) {
    throw shapeError(what, predicted, expected);
  }
  const isOne = (row: Float32Array): boolean =>
    Math.abs(row.reduce((total, value) => total + value, 0) - 1) <= 1e-3;
  const several = hasRows && outputs > 1 && !mapRows(expected, axis, isOne).every(Boolean);
  if (several && single) throw new ValueError(`${what}: takes one class a sample, got several`);
  const positive = several || outputs === 1;
  const count = positive ? 2 : outputs;
  const classes = (tensor: Tensor): number[] =>
    positive ? Array.from(tensor.view(), toLabel) : mapRows(tensor, axis, classOf);
  const labels = hasRows || positive ? classes(expected) : Array.from(expected.view());
  for (const label of labels) {
    if (Number.isInteger(label) && label >= 0 && label < count) continue;
    throw new ValueError(
      `${what}: labels must be whole numbers from 0 to ${count - 1}, got ${label}`,
    );
  }
  return { axis, count, positive, expected: labels, predicted: classes(predicted) };
}

/** Counts one more at a place, and nothing at NaN: writes out of range do nothing. */
function add(counts: Float64Array, i: number): void {
  counts[i] = (counts[i] as number) + 1;
}

/** More classes would make a matrix of more than 128 MiB. */
const maxMatrixClasses = 4096;

/**
 * How often samples of one class were taken for another: entry [i][j] counts
 * those of class i predicted as class j. The predicted class is the one of the
 * greatest prediction; one column of predictions means two classes, the second
 * one where the prediction is above 0.5. Predictions with NaN are of no class.
 * @param predicted - Predictions [n, classes] or [n, 1], of at most 4096 classes; those of sequences
 * [n, time, classes] and images [n, classes, height, width] count each step and pixel.
 * @param expected - One-hot rows in the same shape, or class numbers [n] or [n, 1], [n, time],
 * [n, height, width].
 * @param axis - Index within a sample of the axis of the classes, if it is another one.
 * @throws {@link ShapeError} when the two do not fit, {@link ValueError} for
 * class numbers that are no classes and for rows of several labels.
 */
export function confusionMatrix(predicted: Tensor, expected: Tensor, axis?: number): number[][] {
  const { count, ...classes } = classesOf('confusionMatrix', predicted, expected, axis, true);
  if (count > maxMatrixClasses) {
    throw new ValueError(
      `confusionMatrix: takes ${maxMatrixClasses} classes at most, got ${count}`,
    );
  }
  const matrix = Array.from({ length: count }, () => new Float64Array(count));
  for (const [n, label] of classes.expected.entries()) {
    add(matrix[label] as Float64Array, classes.predicted[n] as number);
  }
  return matrix.map((row) => Array.from(row));
}

/** part / whole, 0 where there is nothing. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Precision and recall, each averaged over the classes, or of the positive class alone where
 * predictions have one column; and the fraction of right predictions. Where samples have several
 * labels, each output is a yes above 0.5 or a no, and all of them count together.
 */
function scoresOf(
  what: string,
  predicted: Tensor,
  expected: Tensor,
  axis: number | undefined,
): { accuracy: number; precision: number; recall: number } {
  const { count, positive, ...classes } = classesOf(what, predicted, expected, axis);
  const counts = (): Float64Array => new Float64Array(count);
  const [hits, guessed, actual] = [counts(), counts(), counts()];
  for (const [n, label] of classes.expected.entries()) {
    const guess = classes.predicted[n] as number;
    add(actual, label);
    add(guessed, guess);
    if (label === guess) add(hits, label);
  }
  const mean = (wholes: Float64Array): number => {
    const scores = Array.from(hits, (part, i) => share(part, wholes[i] as number));
    return positive ? (scores[1] as number) : sum(scores) / count;
  };
  return {
    accuracy: sum(Array.from(hits)) / classes.expected.length,
    precision: mean(guessed),
    recall: mean(actual),
  };
}

/**
 * Fraction of samples whose predicted class, as {@link confusionMatrix} has it, is right (Sokolova,
 * Lapalme, "A systematic analysis of performance measures", 2009, table 2); where rows expected do
 * not sum to 1, samples have several labels, and it is the fraction of right outputs.
 */
export class Accuracy extends Metric {
  static override readonly type: TypeName<'Accuracy'> = 'Accuracy';

  override compute(predicted: Tensor, expected: Tensor, axis?: number): number {
    return scoresOf(this.name, predicted, expected, axis).accuracy;
  }
}

/**
 * Precision: of the samples predicted as a class, the fraction that are of it,
 * TP / (TP + FP); 0 where none is predicted. Averaged over the classes, or that
 * of the positive class where predictions have one column or samples several labels (Sokolova,
 * Lapalme, 2009, tables 2 and 3).
 */
export class Precision extends Metric {
  static override readonly type: TypeName<'Precision'> = 'Precision';

  override compute(predicted: Tensor, expected: Tensor, axis?: number): number {
    return scoresOf(this.name, predicted, expected, axis).precision;
  }
}

/**
 * Recall: of the samples of a class, the fraction predicted as it,
 * TP / (TP + FN); 0 where there are none. Averaged as {@link Precision} (Sokolova, Lapalme, 2009).
 */
export class Recall extends Metric {
  static override readonly type: TypeName<'Recall'> = 'Recall';

  override compute(predicted: Tensor, expected: Tensor, axis?: number): number {
    return scoresOf(this.name, predicted, expected, axis).recall;
  }
}

/**
 * F1 score: the harmonic mean 2 P R / (P + R) of {@link Precision} and
 * {@link Recall}, of their averages over the classes and not averaged itself (Sokolova, Lapalme,
 * 2009, table 3, with beta = 1).
 */
export class F1Score extends Metric {
  static override readonly type: TypeName<'F1Score'> = 'F1Score';

  override compute(predicted: Tensor, expected: Tensor, axis?: number): number {
    const { precision, recall } = scoresOf(this.name, predicted, expected, axis);
    return share(2 * precision * recall, precision + recall);
  }
}

/**
 * Fraction of samples whose class is among the k greatest predictions; of equal
 * ones the first count as greater (Russakovsky et al., "ImageNet large scale visual recognition
 * challenge", 2015, section 4.1: one less its top-k error).
 */
export class TopKAccuracy extends Metric {
  static override readonly type: TypeName<'TopKAccuracy'> = 'TopKAccuracy';
  static override readonly positional: ArgumentNames<['k']> = ['k'];

  override readonly name: string;

  /**
   * @param k - How many of the greatest predictions count. Default 5.
   * @throws {@link ValueError} unless k is a whole number of at least 1.
   */
  constructor(
    /** How many of the greatest predictions count. */
    readonly k = 5,
  ) {
    super();
    this.name = `Top${wholeNumber('TopKAccuracy: k', k)}Accuracy`;
  }

  override compute(predicted: Tensor, expected: Tensor, axis?: number): number {
    const classes = classesOf(this.name, predicted, expected, axis, true);
    if (classes.positive) throw shapeError(this.name, predicted, expected);
    const right = mapRows(predicted, classes.axis, (scores, n) => {
      const label = classes.expected[n] as number;
      const own = scores[label] as number;
      // NaN is no less than any number.
      const isBehind = (score: number, c: number): boolean =>
        score < own || (score === own && c >= label);
      return !Number.isNaN(own) && scores.length - scores.filter(isBehind).length < this.k;
    });
    return right.filter(Boolean).length / right.length;
  }
}

const metricClasses = [
  Accuracy,
  Precision,
  Recall,
  F1Score,
  RMSE,
  MAE,
  R2Score,
  TopKAccuracy,
] as const;

/** All metric classes by name. */
export const metrics = /* @__PURE__ */ new Registry<Metric, (typeof metricClasses)[number]>(
  'metric',
  metricClasses,
);
