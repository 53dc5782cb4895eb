// The times of a graph's layers.
import { BuiltInLayer } from '../layers/built-in-layer.js';
import { rememberPass } from '../layers/numbers.js';
import type { Layer } from '../layers/layer.js';
import type { Loss } from '../losses.js';
import { type LayerProfile, type Passes, profiles } from '../profile.js';
import { nativeOf } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import { Tensor } from '../tensor.js';
import type { GraphLayer } from './graph-layer.js';
import { isMerge } from './symbolic-tensor.js';

/** Milliseconds of a function, which is given what to free after all. */
function timed<Result>(run: () => Result): [result: Result, milliseconds: number] {
  const start = performance.now();
  const result = run();
  return [result, performance.now() - start];
}

/** A forward and a backward pass through a graph, layer by layer. */
function timePasses({ graph, doers }: GraphLayer, loss: Loss, x: Tensor, y: Tensor): Passes {
  const engine = native('Model.profile');
  const free: Tensor[] = [];
  const keep = (tensor: Tensor): Tensor => {
    free.push(tensor);
    return tensor;
  };
  try {
    const values = [x];
    const forward = graph.calls.map(([, taken], i) => {
      const layer = doers[i] as Layer;
      const inputs = taken.map((value) => values[value] as Tensor);
      const [made, milliseconds] = timed(() =>
        layer instanceof BuiltInLayer && isMerge(layer)
          ? new Tensor(engine.mergeForward(layer.native, inputs.map(nativeOf)))
          : layer.forward(inputs[0] as Tensor, true),
      );
      values.push(layer instanceof BuiltInLayer ? keep(made) : made);
      return milliseconds;
    });
    const gradients: Tensor[] = [];
    const add = (value: number, gradient: Tensor): void => {
      const sum = gradients[value]?.toArray();
      if (sum === undefined) {
        gradients[value] = gradient;
        return;
      }
      const part = gradient.view();
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
      gradients[value] = keep(gradient.clone());
      gradients[value].set(sum);
    };
    add(graph.calls.length, keep(loss.gradient(values.at(-1) as Tensor, y)));
    const backward = graph.calls.map((): number => 0);
    for (let i = graph.calls.length; i-- > 0;) {
      const [, taken] = graph.calls[i] as (typeof graph.calls)[number];
      const layer = doers[i] as Layer;
      const [made, milliseconds] = timed(() => layer.backward(gradients[i + 1] as Tensor));
      backward[i] = milliseconds;
      if (layer instanceof BuiltInLayer) keep(made);
      for (const [j, value] of taken.entries()) {
        const isOne = !(layer instanceof BuiltInLayer) || taken.length === 1;
        add(value, isOne ? made : keep(new Tensor(engine.mergeGradient(layer.native, j))));
      }
    }
    return { forward, backward };
  } finally {
    for (const each of free) each.dispose();
  }
}

/** A row for each use of a layer; those that bring several inputs or outputs together have some, too. */
export function profileGraph(
  graph: GraphLayer,
  loss: Loss,
  x: Tensor,
  y: Tensor,
  repeats: number,
): LayerProfile[] {
  // Neither running means nor random numbers notice that they were looked at.
  const restore = rememberPass([graph]);
  try {
    timePasses(graph, loss, x, y); // warm up
    const runs = Array.from({ length: repeats }, () => timePasses(graph, loss, x, y));
    return profiles(graph.doers, runs, x.shape[0] ?? 0);
  } finally {
    restore();
  }
}
