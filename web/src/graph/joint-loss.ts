import type { Config } from '../layers/layer.js';
import { countUse, disposePart } from '../lending.js';
import { BuiltInLoss, type Loss, withNativeLoss } from '../losses.js';
import type { TypeName } from '../registry.js';
import { checkArray, checkNames, checkShape, rate } from '../runtime/checks.js';
import { ValueError } from '../runtime/errors.js';
import { native } from '../runtime/init.js';
import type { NativeLoss } from '../runtime/native.js';
import type { Shape } from '../shape.js';
import { lossFromConfig } from '../io/registries.js';
import { shapeList } from './symbolic-tensor.js';

/** Calls `use` with losses as the engine sees them. */
function withNativeLosses<Result>(
  losses: readonly Loss[],
  use: (losses: NativeLoss[]) => Result,
  natives: NativeLoss[] = [],
): Result {
  if (natives.length === losses.length) return use(natives);
  return withNativeLoss(losses[natives.length] as Loss, (own) =>
    withNativeLosses(losses, use, [...natives, own]),
  );
}

/** The weighted sum of a loss for each output of a graph, which stand one behind the other. */
export class JointLoss extends BuiltInLoss {
  static override readonly type: TypeName<'Joint'> = 'Joint';

  /** @internal */
  static fromConfig(config: Config): JointLoss {
    const { losses, weights, shapes } = checkNames('Joint', config, [
      'losses',
      'weights',
      'shapes',
    ]);
    checkArray('Joint: losses', losses);
    checkArray('Joint: weights', weights);
    checkArray('Joint: shapes', shapes);
    if (losses.length !== shapes.length || losses.length !== weights.length) {
      throw new ValueError('Joint: there must be as many losses as weights and shapes');
    }
    for (const shape of shapes) checkShape('Joint: shapes', shape);
    const own = weights.map((weight) => rate('Joint: weights', weight));
    const made: Loss[] = [];
    try {
      for (const each of losses)
        made.push(lossFromConfig(each as Parameters<typeof lossFromConfig>[0]));
      return new this(made, own, shapes as Shape[]);
    } catch (error) {
      for (const loss of made) loss.dispose();
      throw error;
    }
  }

  /** One for each output. */
  readonly losses: readonly Loss[];
  /** Factor of each. */
  readonly weights: readonly number[];
  readonly #shapes: readonly Shape[];

  /** @throws {@link ShapeError} for an output that its loss cannot take. */
  constructor(losses: readonly Loss[], weights: readonly number[], shapes: readonly Shape[]) {
    super({}, 'losses', () =>
      withNativeLosses(losses, (natives) =>
        native('Model').createJointLoss(natives, weights, shapeList(shapes)),
      ),
    );
    this.losses = losses;
    for (const loss of losses) countUse(loss, 1);
    this.weights = weights;
    this.#shapes = shapes;
  }

  override getConfig(): Config {
    const losses = this.losses.map((loss) => ({ ...loss.getConfig(), type: loss.type }));
    return { losses, weights: this.weights, shapes: this.#shapes };
  }

  /** Frees the losses as well, but for those that another model has. */
  override dispose(): void {
    if (this.#freed) return;
    this.#freed = true;
    super.dispose();
    for (const loss of this.losses) if (countUse(loss, -1) === 0) disposePart(loss);
  }

  #freed = false;
}
