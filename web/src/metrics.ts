import type { NoOptions } from './losses.js';
import { type Checks, checkOptions, flag, wholeNumber } from './runtime/checks.js';
import { ShapeError, ValueError } from './runtime/errors.js';
import { nativeTensor, type Tensor } from './tensor.js';

/**
 * A number that says how good predictions are. Usable on its own, in
 * {@link Model.evaluate} and in {@link Model.train}; a class of your own that
 * extends this one works there too.
 */
export abstract class Metric {
  /** Its name in results. */
  abstract readonly name: string;

  /**
   * @param predicted - Predictions [n, outputs]: probabilities for metrics about classes.
   * @param expected - What they should be, [n, outputs]; metrics about classes
   * also take class numbers [n] or [n, 1].
   * @throws {@link ShapeError} when the two do not fit.
   */
  abstract compute(predicted: Tensor, expected: Tensor): number;
}

/** Common part of the metrics here: a name and checked options. */
abstract class BuiltInMetric<Options extends object = NoOptions> extends Metric {
  override readonly name: string;
  /** The options given, checked. */
  protected readonly options: Options;

  /** @internal */
  constructor(name: string, options: Options, checks: Checks<Options>) {
    super();
    this.name = name;
    this.options = checkOptions(name, options, checks);
  }
}

/** @throws {@link ArgumentTypeError} unless both are tensors, {@link StateError} after `dispose()`. */
function checkTensors(what: string, predicted: Tensor, expected: Tensor): void {
  nativeTensor(`${what}: predictions`, predicted);
  nativeTensor(`${what}: expected outputs`, expected);
}

function shapeError(what: string, predicted: Tensor, expected: Tensor): ShapeError {
  return new ShapeError(
    `${what}: predictions [${predicted.shape.join(', ')}] and expected outputs ` +
      `[${expected.shape.join(', ')}] do not fit together`,
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
export class RMSE extends BuiltInMetric {
  /** @throws {@link ValueError} for any option: there are none. */
  constructor(options: NoOptions = {}) {
    super('RMSE', options, {});
  }

  override compute(predicted: Tensor, expected: Tensor): number {
    const { rows, values } = differences(this.name, predicted, expected);
    return Math.sqrt(sum(values.map(square)) / rows);
  }
}

/**
 * Mean absolute error: sum |p - y| / n, summed over outputs and samples (Willmott, Matsuura,
 * "Advantages of the mean absolute error …", 2005, equation 1).
 */
export class MAE extends BuiltInMetric {
  /** @throws {@link ValueError} for any option: there are none. */
  constructor(options: NoOptions = {}) {
    super('MAE', options, {});
  }

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
export class R2Score extends BuiltInMetric {
  /** @throws {@link ValueError} for any option: there are none. */
  constructor(options: NoOptions = {}) {
    super('R2Score', options, {});
  }

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

/** The numbers [n, columns] of a tensor by sample. */
function rowsOf(tensor: Tensor): Float32Array[] {
  const [rows = 0, columns = 1] = tensor.shape;
  const values = tensor.view();
  return Array.from({ length: rows }, (_, n) => values.subarray(n * columns, (n + 1) * columns));
}

/**
 * The class of a sample: the place of the greatest number, the first one among equals; where there
 * is one number, 1 above 0.5. None, which is -1, where one is NaN.
 */
function classOf(row: Float32Array): number {
  if (row.some(Number.isNaN)) return -1;
  if (row.length === 1) return (row[0] as number) > 0.5 ? 1 : 0;
  return row.reduce((best, value, i) => (value > (row[best] as number) ? i : best), 0);
}

/** Checks predictions [n, outputs] and what they should be: as many rows, or class numbers. */
function checkSamples(what: string, predicted: Tensor, expected: Tensor): void {
  checkTensors(what, predicted, expected);
  const [rows = 0, columns = 1, ...rest] = expected.shape;
  const outputs = predicted.shape[1];
  if (
    predicted.shape.length !== 2 ||
    rows === 0 ||
    outputs === 0 ||
    rows !== predicted.shape[0] ||
    rest.length > 0 ||
    (columns !== 1 && columns !== outputs)
  ) {
    throw shapeError(what, predicted, expected);
  }
}

/**
 * Whether samples may have several labels, or none: where a row of what is expected does not sum
 * to 1.
 */
function hasLabels(expected: Tensor): boolean {
  const [, columns = 1] = expected.shape;
  return (
    columns > 1 &&
    rowsOf(expected).some((row) => !(Math.abs(row.reduce((a, b) => a + b, 0) - 1) <= 1e-3))
  );
}

/** The expected class of each sample, with `classes` of them: from one-hot rows or class numbers. */
function expectedClasses(what: string, expected: Tensor, outputs: number): number[] {
  const [, columns = 1] = expected.shape;
  const classes = outputs === 1 ? 2 : outputs;
  const labels =
    columns > 1 || outputs === 1 ? rowsOf(expected).map(classOf) : Array.from(expected.view());
  for (const label of labels) {
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new ValueError(
      `${what}: labels must be whole numbers from 0 to ${classes - 1}, got ${label}`,
    );
  }
  return labels;
}

/** As {@link expectedClasses}, for what cannot work with several labels. */
function singleClasses(what: string, predicted: Tensor, expected: Tensor): number[] {
  checkSamples(what, predicted, expected);
  if (hasLabels(expected)) {
    throw new ValueError(`${what}: every sample must have one class: rows must sum to 1`);
  }
  return expectedClasses(what, expected, predicted.shape[1] as number);
}

/** More classes would make a matrix of more than 128 MiB. */
const maxMatrixClasses = 4096;

/**
 * How often samples of one class were taken for another: entry [i][j] counts
 * those of class i predicted as class j. The predicted class is the one of the
 * greatest prediction; one column of predictions means two classes, the second
 * one where the prediction is above 0.5.
 * @param predicted - Predictions [n, classes] or [n, 1], of at most 4096 classes.
 * @param expected - One-hot rows [n, classes], or class numbers [n] or [n, 1].
 * @throws {@link ShapeError} when the two do not fit, {@link ValueError} for
 * class numbers that are no classes, rows of several labels and predictions that are NaN.
 */
export function confusionMatrix(predicted: Tensor, expected: Tensor): number[][] {
  const what = 'confusionMatrix';
  const wanted = singleClasses(what, predicted, expected);
  const outputs = predicted.shape[1] as number;
  const classes = outputs === 1 ? 2 : outputs;
  if (classes > maxMatrixClasses) {
    throw new ValueError(`${what}: takes at most ${maxMatrixClasses} classes, got ${classes}`);
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  rowsOf(predicted).forEach((row, n) => {
    const counts = matrix[wanted[n] as number] as number[];
    const guess = classOf(row);
    if (guess < 0) throw new ValueError(`${what}: the predictions of sample ${n} hold NaN`);
    counts[guess] = (counts[guess] as number) + 1;
  });
  return matrix;
}

/** part / whole, 0 where there is nothing. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

interface Scores {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
}

/** Of outputs that are yes or no each: yes above 0.5, all of them counted together. */
function labelScores(what: string, predicted: Tensor, expected: Tensor): Scores {
  const wanted = expected.view();
  const given = predicted.view();
  let [right, hits, guessed, actual] = [0, 0, 0, 0];
  wanted.forEach((value, i) => {
    if (!(value >= 0 && value <= 1)) {
      throw new ValueError(`${what}: labels must be from 0 to 1, got ${value}`);
    }
    const guess = given[i] as number;
    const yes = value > 0.5;
    if (yes) actual++;
    if (guess > 0.5) guessed++;
    // NaN is neither.
    if (yes ? guess > 0.5 : guess <= 0.5) right++;
    if (yes && guess > 0.5) hits++;
  });
  return {
    accuracy: right / wanted.length,
    precision: share(hits, guessed),
    recall: share(hits, actual),
  };
}

/** Of samples of one class each: averaged over the classes, or of the positive one of one column. */
function classScores(what: string, predicted: Tensor, expected: Tensor): Scores {
  const outputs = predicted.shape[1] as number;
  const wanted = expectedClasses(what, expected, outputs);
  const classes = outputs === 1 ? 2 : outputs;
  const [hits, guessed, actual] = [0, 1, 2].map(() => new Float64Array(classes)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const add = (counts: Float64Array, i: number): void => {
    counts[i] = (counts[i] as number) + 1;
  };
  rowsOf(predicted).forEach((row, n) => {
    const label = wanted[n] as number;
    const guess = classOf(row);
    add(actual, label);
    if (guess >= 0) add(guessed, guess);
    if (guess === label) add(hits, guess);
  });
  const mean = (wholes: Float64Array): number => {
    const scores = Array.from(hits, (part, i) => share(part, wholes[i] as number));
    return outputs === 1 ? (scores[1] as number) : sum(scores) / classes;
  };
  return {
    accuracy: sum([...hits]) / wanted.length,
    precision: mean(guessed),
    recall: mean(actual),
  };
}

/** Options of the metrics about classes. */
export interface ClassMetricOptions {
  /**
   * Whether a sample may have several labels or none, so that each output is a yes above 0.5 or a
   * no, as with {@link BinaryCrossEntropy}. By default it is so where a row of the expected outputs
   * does not sum to 1.
   */
  readonly multiLabel?: boolean | undefined;
}

/** Common part of the metrics about classes. */
abstract class ClassMetric extends BuiltInMetric<ClassMetricOptions> {
  /** @internal */
  constructor(name: string, options: ClassMetricOptions) {
    super(name, options, { multiLabel: flag });
  }

  /** @internal */
  protected scores(predicted: Tensor, expected: Tensor): Scores {
    checkSamples(this.name, predicted, expected);
    const several = this.options.multiLabel ?? hasLabels(expected);
    if (!several) return classScores(this.name, predicted, expected);
    if (predicted.shape.join() === expected.shape.join()) {
      return labelScores(this.name, predicted, expected);
    }
    throw shapeError(this.name, predicted, expected);
  }
}

/**
 * Fraction of samples whose predicted class, as {@link confusionMatrix} has it, is right (Sokolova,
 * Lapalme, "A systematic analysis of performance measures", 2009, table 2); with several labels a
 * sample, of labels. NaN is never right.
 */
export class Accuracy extends ClassMetric {
  constructor(options: ClassMetricOptions = {}) {
    super('Accuracy', options);
  }

  override compute(predicted: Tensor, expected: Tensor): number {
    return this.scores(predicted, expected).accuracy;
  }
}

/**
 * Precision: of the samples predicted as a class, the fraction that are of it,
 * TP / (TP + FP); 0 where none is predicted. Averaged over the classes, or that
 * of the positive class where predictions have one column (Sokolova, Lapalme, 2009, tables 2 and 3);
 * with several labels a sample, of all labels together.
 */
export class Precision extends ClassMetric {
  constructor(options: ClassMetricOptions = {}) {
    super('Precision', options);
  }

  override compute(predicted: Tensor, expected: Tensor): number {
    return this.scores(predicted, expected).precision;
  }
}

/**
 * Recall: of the samples of a class, the fraction predicted as it,
 * TP / (TP + FN); 0 where there are none. Averaged as {@link Precision} (Sokolova, Lapalme, 2009).
 */
export class Recall extends ClassMetric {
  constructor(options: ClassMetricOptions = {}) {
    super('Recall', options);
  }

  override compute(predicted: Tensor, expected: Tensor): number {
    return this.scores(predicted, expected).recall;
  }
}

/**
 * F1 score: the harmonic mean 2 P R / (P + R) of {@link Precision} and
 * {@link Recall}, of their averages over the classes and not averaged itself (Sokolova, Lapalme,
 * 2009, table 3, with beta = 1).
 */
export class F1Score extends ClassMetric {
  constructor(options: ClassMetricOptions = {}) {
    super('F1Score', options);
  }

  override compute(predicted: Tensor, expected: Tensor): number {
    const { precision, recall } = this.scores(predicted, expected);
    return share(2 * precision * recall, precision + recall);
  }
}

/**
 * Fraction of samples whose class is among the k greatest predictions; of equal
 * ones the first count as greater, and NaN counts as greater than any number (Russakovsky et al.,
 * "ImageNet large scale visual recognition challenge", 2015, section 4.1: one less its top-k error).
 */
export class TopKAccuracy extends Metric {
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

  override compute(predicted: Tensor, expected: Tensor): number {
    const wanted = singleClasses(this.name, predicted, expected);
    const [, classes = 1] = predicted.shape;
    if (classes < 2) throw shapeError(this.name, predicted, expected);
    const rows = rowsOf(predicted);
    const right = wanted.filter((label, n) => {
      const scores = rows[n] as Float32Array;
      const own = scores[label] as number;
      const ahead = scores.filter((score, c) => !(score < own || (score === own && c >= label)));
      return !Number.isNaN(own) && ahead.length < this.k;
    });
    return right.length / rows.length;
  }
}
