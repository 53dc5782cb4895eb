import { cssValue, oncePerFrame, onThemeChange } from '../../shared/dom.js';

export interface Sample {
  readonly x: number;
  readonly y: number;
}

/** One curve; its points are sorted by x. */
export interface Series {
  /** Custom property of the style sheet with the colour. */
  readonly colour: string;
  /** Whether to mark each point: for curves of few. */
  readonly marks: boolean;
  points: Sample[];
}

export interface ChartOptions {
  readonly canvas: HTMLCanvasElement;
  /** Range of the y axis, given the largest and smallest value shown. */
  readonly range: (smallest: number, largest: number) => readonly [number, number];
  readonly format: (value: number) => string;
  readonly series: readonly Series[];
}

const margin = { left: 46, right: 10, top: 8, bottom: 24 };

/** Round numbers that divide a range into a few steps. */
function ticks(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const values: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    values.push(i * step);
  }
  return values;
}

/** At most one point per pixel: the mean of those that fall on it. */
function thin(points: readonly Sample[], columns: number): readonly Sample[] {
  if (points.length <= 2 * columns) return points;
  const size = Math.ceil(points.length / columns);
  const means: Sample[] = [];
  for (let first = 0; first < points.length; first += size) {
    const group = points.slice(first, first + size);
    means.push({
      x: group.reduce((sum, { x }) => sum + x, 0) / group.length,
      y: group.reduce((sum, { y }) => sum + y, 0) / group.length,
    });
  }
  return means;
}

/** A line chart on a canvas, in the page's colours, sharp at any pixel density. */
export class Chart {
  /** End of the x axis. */
  end = 1;

  readonly #options: ChartOptions;
  readonly #context: CanvasRenderingContext2D;
  readonly #drawSoon = oncePerFrame(() => {
    this.#draw();
  });

  constructor(options: ChartOptions) {
    this.#options = options;
    const context = options.canvas.getContext('2d');
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    new ResizeObserver(this.#drawSoon).observe(options.canvas);
    onThemeChange(this.#drawSoon);
  }

  /** Shows what has changed. */
  update(): void {
    this.#drawSoon();
  }

  #draw(): void {
    const { canvas, series, range, format } = this.#options;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (width === 0) return;
    const context = this.#context;
    this.#fit(width, height);
    context.clearRect(0, 0, width, height);

    const values = series.flatMap(({ points }) => points.map(({ y }) => y));
    const [low, high] = range(
      values.reduce((a, b) => Math.min(a, b), Infinity),
      values.reduce((a, b) => Math.max(a, b), -Infinity),
    );
    const plot = {
      width: width - margin.left - margin.right,
      height: height - margin.top - margin.bottom,
    };
    const toX = (x: number) => margin.left + (x / this.end) * plot.width;
    const toY = (y: number) => margin.top + (1 - (y - low) / (high - low)) * plot.height;

    this.#drawGrid(ticks(low, high, 4), toY, width, format);
    this.#drawEnds(height, width);
    context.save();
    context.beginPath();
    context.rect(margin.left, margin.top - 4, plot.width + margin.right, plot.height + 8);
    context.clip();
    for (const each of series) {
      this.#drawSeries(each, thin(each.points, plot.width), toX, toY);
    }
    context.restore();
  }

  /** Gives the canvas as many pixels as the screen has there; doing so anew is slow. */
  #fit(width: number, height: number): void {
    const { canvas } = this.#options;
    const density = window.devicePixelRatio;
    const [columns, rows] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width === columns && canvas.height === rows) return;
    canvas.width = columns;
    canvas.height = rows;
    this.#context.scale(density, density);
  }

  #drawGrid(
    values: readonly number[],
    toY: (y: number) => number,
    width: number,
    format: (value: number) => string,
  ): void {
    const context = this.#context;
    context.font = `12px ${cssValue('--font')}`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.lineWidth = 1;
    for (const value of values) {
      const y = Math.round(toY(value)) + 0.5;
      context.strokeStyle = cssValue('--line');
      context.beginPath();
      context.moveTo(margin.left, y);
      context.lineTo(width - margin.right, y);
      context.stroke();
      context.fillStyle = cssValue('--muted');
      context.fillText(format(value), margin.left - 8, y);
    }
  }

  #drawEnds(height: number, width: number): void {
    const context = this.#context;
    context.fillStyle = cssValue('--muted');
    context.textBaseline = 'alphabetic';
    context.textAlign = 'left';
    context.fillText('0', margin.left, height - 6);
    if (this.end <= 1) return;
    context.textAlign = 'right';
    context.fillText(`${this.end.toLocaleString('en')} batches`, width - margin.right, height - 6);
  }

  #drawSeries(
    { colour, marks }: Series,
    points: readonly Sample[],
    toX: (x: number) => number,
    toY: (y: number) => number,
  ): void {
    const context = this.#context;
    context.strokeStyle = cssValue(colour);
    context.fillStyle = context.strokeStyle;
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    for (const { x, y } of points) context.lineTo(toX(x), toY(y));
    context.stroke();
    if (!marks) return;
    for (const { x, y } of points) {
      context.beginPath();
      context.arc(toX(x), toY(y), 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
